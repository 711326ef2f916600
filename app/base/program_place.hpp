#pragma once

// What there is to type beside `zerogravity` itself: the scripts of the source tree, for a program that was built there
// and not installed.

#include <filesystem>
#include <string>
#include <string_view>

namespace app {

/// scripts/`name` of the tree that `program` lies in, as it is typed in the folder `here`; empty: it lies in none.
std::string script_beside(const std::filesystem::path& program, const std::filesystem::path& here,
                          std::string_view name);

/// Of this process.
std::string script_to_type(std::string_view name);

}  // namespace app
