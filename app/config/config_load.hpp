#pragma once

// From file, environment and flags to a checked configuration. Every mistake is reported at once, each as one line that
// names its place, the key and what was expected. `main` and the SIGHUP reload drive it.

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

/// The process environment. Call it before threads exist.
environment process_environment();

struct config_request {
  std::optional<std::filesystem::path> file;  // --config; it must exist
  environment variables;
  std::vector<setting> flags;
  bool root = false;  // the effective user is root
};

struct loaded_config {
  config values;
  std::filesystem::path file;                               // empty: none was found
  std::map<std::string, std::string, std::less<>> origins;  // key → where its value came from; absent: default
};

config_result<loaded_config> load_config(const config_request& request);

/// /var/lib/zerogravity for root, else $XDG_STATE_HOME/zerogravity (~/.local/state/zerogravity).
std::filesystem::path default_state_dir(const environment& variables, bool root);

/// The files to look for when neither --config nor $ZEROGRAVITY_CONFIG names one; the first that exists is used.
std::vector<std::filesystem::path> default_config_files(const environment& variables);

/// ZEROGRAVITY_<SECTION>_<KEY> for every key, and ZEROGRAVITY_CONFIG; any other ZEROGRAVITY_* is an error.
config_result<std::vector<setting>> read_environment(const environment& variables);

/// Applies in order, the last one wins. Errors: unknown keys and refused values.
config_result<void> apply_settings(loaded_config& loaded, const std::vector<setting>& settings);

/// One line for a key that does not exist, with the nearest one that does.
std::string unknown_key_line(std::string_view origin, std::string_view key);

}  // namespace app
