#pragma once

// Parses argv into a plain value, which `main` then executes. Flags that set a configuration key become settings, which
// config_load applies last.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <boost/system/result.hpp>

#include "app/base/exit_code.hpp"
#include "app/client/usage_command.hpp"
#include "app/commands/attach_command.hpp"
#include "app/commands/cascade_command.hpp"
#include "app/commands/key_command.hpp"
#include "app/commands/ledger_command.hpp"
#include "app/config/config_value.hpp"
#include "app/doctor/doctor.hpp"
#include "app/run/run.hpp"

namespace app {

struct serve_command {};

struct ca_command {
  enum class action_of : std::uint8_t { show, path, bundle, env, rotate };
  action_of action = action_of::show;
};

struct check_config_command {
  bool reference = false;  // list every key, and not the values in force
  std::string explain;     // a file that describes a request; empty: print the configuration
};

struct version_command {};

struct command {
  std::variant<serve_command, run_command, usage_command, cascade_command, ca_command, key_command, ledger_command,
               doctor_command, attach_command, check_config_command, version_command>
      what;
  std::optional<std::filesystem::path> config_file;
  std::vector<setting> settings;
};

/// The program ends here: --help, or a command line that cannot be understood.
struct early_exit {
  exit_code code = exit_code::ok;
  std::string text;  // for stdout when the code is ok, else for stderr
};

/// `arguments` are without the program's name.
boost::system::result<command, early_exit> parse_command_line(const std::vector<std::string>& arguments);

/// Unix seconds of "1767225600", "2026-01-01" or "2026-01-01T12:30:00Z" (UTC).
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace app
