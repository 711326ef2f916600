#pragma once

// The providers of app/providers/providers.toml.

#include <string>
#include <vector>

#include "app/providers/provider_set.hpp"

namespace app {

/// In the order of the file. Read once, at the first call, from any thread.
const std::vector<provider_set>& known_providers();

/// The names of those that are watched by default.
std::vector<std::string> default_providers();

}  // namespace app
