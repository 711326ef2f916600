#pragma once

// The JSON document of GET /v1/limits. Pure. Times are Unix seconds; unknown values are null.

#include <cstdint>

#include <boost/json/object.hpp>

#include "usage/limits/account_window.hpp"

namespace app {

/// The latest of each window. What is used and left of one whose reset has passed at `now` (Unix ms) is not known any
/// more.
boost::json::object render_limits(const usage::window_page& page, std::int64_t now);

/// What windows were, as they were told.
boost::json::object render_limit_changes(const usage::window_page& page);

}  // namespace app
