#pragma once

// Ids that the API gives to what it makes.

#include <string>
#include <string_view>

namespace app {

/// `prefix` and 128 random bits in hex.
std::string random_id(std::string_view prefix);

}  // namespace app
