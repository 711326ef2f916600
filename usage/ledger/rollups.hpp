#pragma once

// Keeps the roll-ups equal to the sums of the rows, in the transaction that writes the rows. What it inserted is summed
// at once at its end: a roll-up by roll-up costs as much as the rows themselves.

#include <cstdint>
#include <optional>
#include <string>

#include "usage/ledger/sqlite.hpp"

namespace usage {

/// Lives for one transaction.
class rollups {
 public:
  explicit rollups(sqlite_connection& connection) : connection_(connection) {}

  /// The row that was just inserted: it counts from the next settle() on.
  void add(std::int64_t id);

  /// Around a change of a row: takes away what it counts for, and adds what it counts for now.
  void subtract(std::int64_t id);
  void add_again(std::int64_t id);

  /// After a row that began at `started_at` (Unix ms) has left the conversation: its first and last times, of that hour
  /// and of all time, are those of the rows that stay, and what has none left is gone.
  void tighten(const std::string& conversation, std::int64_t started_at);

  /// Books what was added; before the commit.
  void settle();

 private:
  void book(std::int64_t first, std::int64_t last, int sign);

  sqlite_connection& connection_;
  // Ids only grow, and nobody else inserts during the transaction: all from the first to the last are new.
  std::optional<std::int64_t> first_;
  std::int64_t last_ = 0;
};

}  // namespace usage
