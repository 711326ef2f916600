#pragma once

// The environment that a launched server gets: nothing of ours but what is named here. Pure but for our own HOME and
// PATH.

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
