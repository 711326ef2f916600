#pragma once

// `zerogravity key show | rotate`: prints the key of the API, or makes another one.

#include <cstdint>
#include <iosfwd>

#include "app/base/exit_code.hpp"
#include "app/config/config.hpp"

namespace app {

struct key_command {
  enum class action_of : std::uint8_t { show, rotate };
  action_of action = action_of::show;
};

struct key_output {
  std::ostream& out;  // the key alone
  std::ostream& err;
};

/// bad_state: there is no key, or it may not be read. failed: the key is configured, not kept in the state directory.
exit_code run_key_command(const key_command& asked, const config& values, key_output output);

}  // namespace app
