#pragma once

// Reads the [[mitm.provider]] of a configuration file, and of the file of those that are known. Each mistake is one
// line with its place. A single mistake refuses all.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_load.hpp"
#include "app/providers/provider_set.hpp"

namespace app {

/// Reads only the providers of `text`. Errors call the file `name`. No provider may be called like one of `others`.
config_result<std::vector<provider_set>> read_providers(std::string_view text, const std::string& name,
                                                        const provider_limits& limits,
                                                        std::span<const provider_set> others);

}  // namespace app
