#pragma once

// The environment variables that make programs trust a CA.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace mitm {

/// Names and values. `bundle` holds the system's CAs and ours, `certificate` ours alone.
std::vector<std::pair<std::string, std::string>> trust_variables(const std::filesystem::path& bundle,
                                                                 const std::filesystem::path& certificate);

}  // namespace mitm
