#pragma once

// Every row that can still be read of a ledger's file, in whatever state: through SQLite as far as that goes, then out
// of the pages themselves, whether or not anything leads to them. Changes nothing. Driven by the repair and the export.

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
  std::span<const std::string> columns;  // of the table `exchanges`, the id apart; an old row has fewer
  std::span<const cell> values;
};

struct rescue_report {
  std::int64_t rows = 0;
  std::int64_t from_pages = 0;      // of these
  std::vector<std::string> faults;  // why not all came the usual way; empty: they did
};

/// All that a row can have, in their order; the columns of any row are some of them.
std::vector<std::string> rescued_columns();

/// `sink` may throw sqlite_failure, which ends it.
rescue_report rescue_rows(const std::filesystem::path& file, const std::function<void(const rescued_row&)>& sink);

/// Reading only, and closing leaves the log as it is. nullopt: it is no file, or SQLite refuses it.
std::optional<sqlite_connection> open_as_it_is(const std::filesystem::path& file);

}  // namespace usage
