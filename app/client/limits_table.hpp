#pragma once

// `zerogravity usage --limits`: the document of GET /v1/limits as text for a terminal. Pure.

#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

namespace app {

/// One line per window, by host, account and model. `now` in Unix seconds. What is not known is a dash.
std::string limits_table(const boost::json::object& document, std::int64_t now);

}  // namespace app
