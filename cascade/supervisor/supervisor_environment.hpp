#pragma once

// The environment of a launched server. It inherits nothing from ours except HOME and PATH, as said here.

#include <filesystem>
#include <string>
#include <vector>

#include "cascade/supervisor/supervisor_options.hpp"

namespace cascade {

/// The configured home, else the user's own, else ours.
std::filesystem::path server_home(const launch_server& wanted);

/// NAME=value, each name once.
std::vector<std::string> server_environment(const launch_server& wanted);

}  // namespace cascade
