#pragma once

// The command check-config: prints the configuration in force, warns of rules that probably do not mean what was
// intended, and with --explain shows what the rules would do to a request.

#include <filesystem>
#include <iosfwd>

#include "app/base/exit_code.hpp"
#include "app/config/config_load.hpp"

namespace app {

struct check_config_output {
  std::ostream& out;
  std::ostream& err;  // warnings and errors
};

/// The configuration as TOML, with the rules as comments.
exit_code print_config(const loaded_config& loaded, const check_config_output& output);

/// `request` is a file as rewrite::read_written_request() takes it. bad_usage: it is not.
exit_code explain_request(const loaded_config& loaded, const std::filesystem::path& request,
                          const check_config_output& output);

}  // namespace app
