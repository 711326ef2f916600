#pragma once

// The yardstick: what an interceptor cannot avoid. It accepts redirected connections, connects to where they were
// going, does TLS on both legs with one certificate for all names, and copies. No parsing, no accounting, no timeouts.

#include <cstdint>
#include <string>

namespace bench {

struct floor_setup {
  std::string chain_file;
  std::string key_file;
  std::string origin_ca_file;
  std::string server_name;
};

/// Serves on `listener` for ever.
[[noreturn]] void run_floor(int listener, const floor_setup& setup);

}  // namespace bench
