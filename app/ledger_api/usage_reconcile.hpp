#pragma once

// GET /v1/usage/reconcile: what the wire gave and what the language server lists, and every difference by name. Pure:
// comparisons in, the document out, and the document as text for `zerogravity usage verify`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "usage/attribution/attribution_core.hpp"
#include "usage/attribution/reconcile.hpp"

namespace app {

/// How many differences of one conversation are written out; all are counted.
inline constexpr std::size_t max_differences = 100;

/// The result of reading the language server's list before the comparison.
struct server_asked {
  bool configured = false;
  std::int64_t cascades = 0;
  bool whole = true;
  std::string error;     // empty: none
  bool unknown = false;  // it has no conversation with the id that was asked for
};

struct reconcile_report {
  std::vector<usage::reconciliation> conversations;
  bool has_more = false;  // there may be further conversations, or calls beyond what is compared
  server_asked server;
  usage::attribution_counts attribution;
};

boost::json::object render_reconciliation(const reconcile_report& report);

/// True if every difference is explained and all calls of the language server pass through the interceptor.
bool reconciled(const boost::json::object& document);

/// One line per conversation, one per difference, and the sum.
std::string reconciliation_text(const boost::json::object& document);

}  // namespace app
