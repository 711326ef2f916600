#pragma once

// Keeps the roll-ups equal to the sums of the rows, in the transaction that writes the rows. Inserted rows are summed
// together at the end of the transaction, because updating every roll-up for every row costs as much as the rows.

#include <cstdint>
#include <optional>
#include <string>

#include "usage/ledger/sqlite.hpp"

namespace usage {

/// Lives for one transaction.
class rollups {
 public:
  explicit rollups(sqlite_connection& connection) : connection_(connection) {}

  /// Tells that a row was just inserted. It counts from the next settle() on.
  void add(std::int64_t id);

  /// Call before and after a change of a row: subtracts what the row counted for, and adds what it counts for now.
  void subtract(std::int64_t id);
  void add_again(std::int64_t id);

  /// Call after a row that began at `started_at` (Unix ms) has left the conversation. Sets the first and last times of
  /// the conversation, in that hour and in total, to those of the remaining rows, and deletes what has no rows left.
  void tighten(const std::string& conversation, std::int64_t started_at);

  /// Writes the sums. Call it before the commit.
  void settle();

 private:
  void book(std::int64_t first, std::int64_t last, int sign);

  sqlite_connection& connection_;
  // Ids only grow, and nothing else inserts during the transaction, so all ids from the first to the last are new.
  std::optional<std::int64_t> first_;
  std::int64_t last_ = 0;
};

}  // namespace usage
