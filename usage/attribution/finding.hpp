#pragma once

// The findings of attribution: rows from the wire, and what the language server says of its cascades. Views are valid
// only during the call.

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace usage {

/// Rules of rows that name no conversation and that nobody claims.
inline constexpr std::string_view by_transcript = "transcript";
inline constexpr std::string_view by_process = "process";

/// An exchange that has ended, with every id that it carried.
struct row_seen {
  std::int64_t row = 0;              // usage_record::row_key
  std::int64_t started_at = 0;       // Unix ms
  std::string_view conversation{};   // that it names itself, by `rule`
  std::string_view rule{};           // as attribute() gives it, or one of the above
  std::string_view trajectory_id{};  // of its requestId or its labels
  std::string_view response_id{};
  std::string_view trace_id{};
  std::optional<std::int64_t> step{};  // that the call was to make
  int attempt = 0;                     // as the client counted it
  bool complete = false;               // answered: later calls for the same step are no retries of it
};

enum class id_kind : std::uint8_t { conversation, trajectory, response, trace };

/// The language server says that this id is of that cascade. A cascade's own name is an id of it, too.
struct id_found {
  id_kind kind = id_kind::conversation;
  std::string_view id{};
  std::string_view cascade{};
};

/// `child` is a sub-agent of `parent`.
struct parent_found {
  std::string_view child{};
  std::string_view parent{};
};

using finding = std::variant<row_seen, id_found, parent_found>;

}  // namespace usage
