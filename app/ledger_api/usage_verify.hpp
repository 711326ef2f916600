#pragma once

// GET and POST /v1/usage/verify: the ledger against itself. Its rows as today's readers read the usage objects that
// they keep. Pure: what was found in, the document out, and the document as text for `zerogravity usage verify`.

#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

#include "usage/ledger/reports/rereading.hpp"

namespace app {

/// What the ledger was asked to book anew.
struct corrections_made {
  std::uint64_t rows = 0;
  bool more = false;  // the time was up: ask again
};

boost::json::object render_verification(const usage::rereading& found, const corrections_made& made);

/// True if every row is booked as it is read.
bool verified(const boost::json::object& document);

/// A line for each difference that is told, and the counts.
std::string verification_text(const boost::json::object& document);

}  // namespace app
