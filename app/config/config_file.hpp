#pragma once

// A TOML file as a flat list of settings, each with its line and column. Nothing is known about keys here.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_load.hpp"

namespace app {

/// Errors: unreadable, or larger than 1 MiB.
config_result<std::string> read_config_text(const std::filesystem::path& file);

/// All but the [[rules]], which rule_reader reads. `name` stands for the file in origins and errors. Errors: not TOML.
config_result<std::vector<setting>> parse_config_text(std::string_view text, const std::string& name);

}  // namespace app
