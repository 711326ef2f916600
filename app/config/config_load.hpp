#pragma once

// Makes a checked configuration from the file, the environment and the flags. All mistakes are reported together. Each
// is one line that names its place, the key and what was expected. `main` and the reload on SIGHUP call it.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "app/config/config_value.hpp"

namespace app {

struct config_errors {
  std::vector<std::string> lines;
};

template <class T>
using config_result = boost::system::result<T, config_errors>;

using environment = std::map<std::string, std::string, std::less<>>;

/// The environment of the process. Call it before other threads start.
environment process_environment();

struct config_request {
  std::optional<std::filesystem::path> file;  // --config; the file must exist
  environment variables;
  std::vector<setting> flags;
  bool root = false;  // the effective user is root
};

struct loaded_config {
  config values;
  std::filesystem::path file;  // empty: there is none
  std::map<std::string, std::string, std::less<>>
      origins;  // key → where its value came from; a key with its default is absent
};

config_result<loaded_config> load_config(const config_request& request);

/// /var/lib/zerogravity for root, else $XDG_STATE_HOME/zerogravity (~/.local/state/zerogravity).
std::filesystem::path default_state_dir(const environment& variables, bool root);

/// The files to try if neither --config nor $ZEROGRAVITY_CONFIG names one. The first that exists is used.
std::vector<std::filesystem::path> default_config_files(const environment& variables);

/// Reads ZEROGRAVITY_<SECTION>_<KEY> for every key. Errors: any other ZEROGRAVITY_*, except ZEROGRAVITY_CONFIG.
config_result<std::vector<setting>> read_environment(const environment& variables);

/// Applies the settings in order; the last one wins. Errors: unknown keys and refused values.
config_result<void> apply_settings(loaded_config& loaded, const std::vector<setting>& settings);

/// One line that reports an unknown key, and names the nearest known one.
std::string unknown_key_line(std::string_view origin, std::string_view key);

}  // namespace app
