#pragma once

// Traffic of a provider that passed without being read, so that no row and no sum includes it. The ledger keeps one
// entry per host, path, reason and program, and adds to it.

#include <cstdint>
#include <optional>
#include <string>

namespace usage {

struct unread_note {
  std::string host;                   // lower case, or address:port where no name is known
  std::string path;                   // without the query; empty: not known
  std::string why;                    // one word
  std::int64_t connections = 0;       // or answers, if it is a body that was not read
  std::optional<std::int64_t> bytes;  // both directions; nullopt: not known
  std::int64_t first_at = 0;          // Unix ms
  std::int64_t last_at = 0;           // Unix ms
  std::string program = {};           // whose connections they were, printable; empty: not known, or of several

  bool operator==(const unread_note&) const = default;
};

/// Entries that are kept by host and path, in memory and in the ledger. Those beyond the limit are kept by reason, with
/// the host `further_hosts`, no path and no program.
inline constexpr std::size_t max_unread_entries = 256;
inline constexpr const char* further_hosts = "other";
inline constexpr std::size_t max_unread_program = 160;  // bytes

/// Adds what `more` counts to `known`, which is of the same host, path, reason and program.
void add_to(unread_note& known, const unread_note& more);

}  // namespace usage
