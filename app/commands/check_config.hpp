#pragma once

// `zerogravity check-config`: prints the configuration in force, and warns about rules that probably do not do what was
// intended. With --explain it prints what the rules would do to one request.

#include <filesystem>
#include <iosfwd>

#include "app/base/exit_code.hpp"
#include "app/config/config_load.hpp"

namespace app {

struct check_config_output {
  std::ostream& out;
  std::ostream& err;  // warnings and errors
};

/// Prints the configuration as TOML, with the watched hosts and the rules as comments.
exit_code print_config(const loaded_config& loaded, const check_config_output& output);

/// `request` is a file in the format of rewrite::read_written_request(). Returns bad_usage if the file cannot be read
/// or has another format.
exit_code explain_request(const loaded_config& loaded, const std::filesystem::path& request,
                          const check_config_output& output);

}  // namespace app
