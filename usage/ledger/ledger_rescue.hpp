#pragma once

// Reads every row that can still be read from a ledger's file, whatever its state. It first reads through SQLite as far
// as possible, and then from the pages themselves, even those that nothing refers to. It changes nothing. Driven by the
// repair and the export.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "usage/ledger/sqlite.hpp"

namespace usage {

struct rescued_row {
  std::int64_t id = 0;
  std::span<const std::string> columns;  // of the table `exchanges`, without the id; an old row has fewer
  std::span<const cell> values;
};

struct rescue_report {
  std::int64_t rows = 0;
  std::int64_t from_pages = 0;      // of these
  std::vector<std::string> faults;  // why some rows could not be read through SQLite; empty: all could
};

/// All columns that a row can have, in order. Each row has some of them.
std::vector<std::string> rescued_columns();

/// `sink` may throw sqlite_failure, which ends the reading.
rescue_report rescue_rows(const std::filesystem::path& file, const std::function<void(const rescued_row&)>& sink);

/// Opens the file read-only. Closing it leaves the log alone. nullopt: it is no file, or SQLite refuses it.
std::optional<sqlite_connection> open_as_it_is(const std::filesystem::path& file);

}  // namespace usage
