#pragma once

// The yardstick: the work that no interceptor can avoid. It accepts redirected connections, connects to their original
// destinations, does TLS on both sides with one certificate for all names, and copies. It has no parsing, no accounting
// and no timeouts.

#include <cstdint>
#include <string>

namespace bench {

struct floor_setup {
  std::string chain_file;
  std::string key_file;
  std::string origin_ca_file;
  std::string server_name;
};

/// Serves on `listener` and never returns.
[[noreturn]] void run_floor(int listener, const floor_setup& setup);

}  // namespace bench
