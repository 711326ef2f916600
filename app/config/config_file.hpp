#pragma once

// Reads a TOML file as a flat list of settings, each with its line and column. It does not know the keys.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_load.hpp"

namespace app {

/// Errors: the file cannot be read, or is larger than 1 MiB.
config_result<std::string> read_config_text(const std::filesystem::path& file);

/// All settings except the [[rules]], which rule_reader reads, and the [[mitm.provider]], which provider_reader reads.
/// Origins and errors call the file `name`. Errors: the text is not TOML.
config_result<std::vector<setting>> parse_config_text(std::string_view text, const std::string& name);

}  // namespace app
