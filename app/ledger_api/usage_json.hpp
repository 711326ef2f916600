#pragma once

// Values of the usage API's documents. Pure. Names come from the wire: they must not make a document invalid.

#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "net/text/utf8.hpp"
#include "usage/ledger/usage_totals.hpp"

namespace app {

inline boost::json::string text(std::string_view words) {
  return boost::json::string(net::utf8::printable(words, std::string_view::npos));
}

inline boost::json::value text_or_null(std::string_view words) {
  if (words.empty()) return nullptr;
  return text(words);
}

inline boost::json::value number_or_null(const std::optional<std::int64_t>& number) {
  if (!number) return nullptr;
  return *number;
}

/// Of 10⁻⁹ of the provider's unit, in the unit.
boost::json::value cost_or_null(const std::optional<std::int64_t>& nanos);

/// Adds the sums of model calls, in the words of /v1/usage. A count that no call has reported is null, never 0; how
/// many calls have not reported one stands in `not_reported`.
void add_sums(boost::json::object& out, const usage::usage_totals& totals);

}  // namespace app
