#pragma once

// What a rule did to a request, for a line of the log and a counter.

#include <cstdint>
#include <string>
#include <string_view>

namespace app::rewrite {

/// It contains no value, text or query.
struct audit_entry {
  enum class outcome : std::uint8_t { applied, would_apply, not_applied, answered, would_answer };

  std::string rule;  // several, ", " between, if the request could not be held
  std::string host;
  std::string path;     // without the query
  std::string changes;  // or why not
  outcome what = outcome::applied;
};

std::string_view to_string(audit_entry::outcome what);

}  // namespace app::rewrite
