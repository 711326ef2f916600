#pragma once

// `zerogravity usage`: the document of GET /v1/usage as text for a terminal. Pure.

#include <string>

#include <boost/json/object.hpp>

namespace app {

/// One table per array of the document, most tokens first, then the totals, what the interceptor has seen, and a line
/// for what was not read. Missing members count as 0.
std::string usage_table(const boost::json::object& document);

/// The same for the document of one run.
std::string usage_table_of_run(const boost::json::object& document);

}  // namespace app
