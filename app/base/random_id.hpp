#pragma once

// Random ids for objects of the API.

#include <string>
#include <string_view>

namespace app {

/// `prefix` and 128 random bits in hex.
std::string random_id(std::string_view prefix);

}  // namespace app
