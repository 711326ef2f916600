#pragma once

// Finds the scripts of the source tree, for messages of a program that was built there and not installed.

#include <filesystem>
#include <string>
#include <string_view>

namespace app {

/// The path of scripts/`name` in the source tree of `program`, relative to `here`; empty if it is in no tree.
std::string script_beside(const std::filesystem::path& program, const std::filesystem::path& here,
                          std::string_view name);

/// For this process.
std::string script_to_type(std::string_view name);

}  // namespace app
