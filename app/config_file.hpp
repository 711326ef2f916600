#pragma once

// A TOML file as a flat list of settings, each with its line and column. Nothing is known about keys here.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_load.hpp"

namespace app {

/// Errors: unreadable, larger than 1 MiB, or not TOML.
config_result<std::vector<setting>> read_config_file(const std::filesystem::path& file);

/// `name` stands for the file in origins and errors.
config_result<std::vector<setting>> parse_config_text(std::string_view text, const std::string& name);

}  // namespace app
