#pragma once

// `zerogravity key show | rotate`: prints the API key, or replaces it.

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

/// Returns bad_state if there is no key or it cannot be read or written. Returns failed if the key is to be replaced
/// but comes from the configuration.
exit_code run_key_command(const key_command& asked, const config& values, key_output output);

}  // namespace app
