#pragma once

// Patterns of rules: "*" stands for any run of characters, everything else for itself.

#include <span>
#include <string>
#include <string_view>

namespace app::rewrite {

bool glob_matches(std::string_view pattern, std::string_view text) noexcept;
bool any_glob_matches(std::span<const std::string> patterns, std::string_view text) noexcept;

/// Some text matches both.
bool globs_meet(std::string_view a, std::string_view b);

}  // namespace app::rewrite
