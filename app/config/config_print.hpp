#pragma once

// Prints the configuration in force as TOML, and the reference of all keys.

#include <string>

#include "app/config/config_load.hpp"

namespace app {

/// Valid TOML that reads back as the same configuration, except for redacted secrets. A comment says where each value
/// came from, unless it is a default.
std::string to_toml(const loaded_config& loaded);

/// A Markdown table of every key: default, what is expected, environment variable, meaning.
std::string config_reference();

}  // namespace app
