#pragma once

// What is told of a rule and a request: a line of the log and a counter.

#include <cstdint>
#include <string>
#include <string_view>

namespace app::rewrite {

/// One line of the log: what a rule did to a request, or did not. No value, text or query is in it.
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
