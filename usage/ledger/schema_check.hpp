#pragma once

// Whether a ledger's file is whole: its tables against those that the migrations make, which costs microseconds and is
// asked at every open, and its pages, which costs reading all of them and is bounded in time.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "usage/ledger/sqlite.hpp"

namespace usage {

/// What is missing or other than the migrations make it, each in words: "the table rollup_hour is missing". Objects
/// that others have added are passed over.
std::vector<std::string> schema_faults(sqlite_connection& connection);

/// Throws sqlite_failure (SQLITE_CORRUPT) if there are any.
void check_schema(sqlite_connection& connection);

struct page_check {
  std::vector<std::string> faults;  // the first few
  bool complete = true;             // false: `go_on` ended it
};

/// SQLite's quick_check, or integrity_check, which compares the indices as well, if `thorough`. `go_on` is asked every
/// few thousand steps of it.
page_check check_pages(sqlite_connection& connection, bool thorough, const std::function<bool()>& go_on);

/// A column of a table as the migrations make it.
struct column_shape {
  std::string name;
  std::string type;
  bool required = false;  // NOT NULL
};
std::vector<column_shape> columns_of(sqlite_connection& connection, const std::string& table);

/// A database in memory that has just the ledger's tables.
sqlite_connection model_ledger();

}  // namespace usage
