#pragma once

// The configuration as text: the effective one as TOML for check-config, and the reference of all keys.

#include <string>

#include "app/config/config_load.hpp"

namespace app {

/// Valid TOML that reads back as the same configuration (but for a redacted key). Values that are not defaults carry a
/// comment that says where they came from.
std::string to_toml(const loaded_config& loaded);

/// A Markdown table of every key: default, what is expected, environment variable, meaning.
std::string config_reference();

}  // namespace app
