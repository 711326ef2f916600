#pragma once

// Reads the usage objects of booked rows again and finds the rows that are booked otherwise. What was verified once by
// the same dialects is not read again. Half of many rows is read by another thread, on a connection of its own.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "usage/ledger/ledger.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// A row that is booked otherwise than it reads.
struct reread_difference {
  std::int64_t id = 0;
  std::int64_t started_at = 0;  // Unix ms
  std::string host;
  std::string model;  // as reports name it; may be empty
  token_usage booked;
  token_usage reread;
  std::uint8_t booked_flags = 0;  // usage_flag
  std::uint8_t reread_flags = 0;
  record_status booked_status = record_status::unreported;
  record_status reread_status = record_status::unreported;
};

struct rereading {
  std::int64_t verified_before = 0;            // the id up to which nothing had to be read
  std::int64_t read = 0;                       // rows with a usage object, of all others
  std::int64_t differing = 0;                  // of these
  std::vector<reread_difference> differences;  // the first, at most as many as were asked for
  std::optional<verified_rows> verified;       // what the ledger may be told; nullopt: nothing new
};

/// Ids of rows that differ.
struct differing_rows {
  std::vector<std::int64_t> ids;
  std::int64_t last = 0;  // the row up to which all were read
  bool more = false;      // there are rows behind it
};

struct reread_options {
  std::size_t differences = 100;           // that are told one by one
  std::int64_t rows_of_a_thread = 20'000;  // fewer are read by the caller alone
};

/// `connection` is in a transaction. `file` is the same ledger, for the other thread. Throws sqlite_failure.
rereading read_rows_again(sqlite_connection& connection, const ledger_options& file, const reread_options& wanted,
                          const std::stop_token& stop);

/// The next of them after the row `after`, or after those that are verified.
differing_rows find_differing(sqlite_connection& connection, std::int64_t after, std::size_t limit);

}  // namespace usage
