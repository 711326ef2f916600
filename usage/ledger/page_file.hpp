#pragma once

// Reads the pages of a SQLite file without SQLite, for files that SQLite refuses:
// https://www.sqlite.org/fileformat2.html. A page that the write-ahead log has committed replaces the page in the file.
// Driven by ledger_rescue.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "usage/ledger/ledger_file.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {

using page_bytes = std::vector<std::uint8_t>;

class page_file {
 public:
  /// If the header is invalid, pages of 4096 bytes are assumed, as in every ledger. nullopt: the file cannot be read.
  static std::optional<page_file> open(const std::filesystem::path& file);

  std::uint32_t pages() const noexcept { return pages_; }
  std::size_t usable() const noexcept { return page_size_ - reserved_; }

  /// Pages are numbered from 1. The last one is shorter if the file was truncated inside it. False: it is beyond the
  /// end.
  bool read(std::uint32_t number, page_bytes& page) const;

  /// The free pages, as far as their list can be followed.
  std::unordered_set<std::uint32_t> free_pages() const;

 private:
  void read_log(const std::filesystem::path& log);

  net::descriptor file_;
  net::descriptor log_;
  std::size_t page_size_ = 4096;
  std::size_t reserved_ = 0;
  std::uint32_t pages_ = 0;
  std::unordered_map<std::uint32_t, std::uint64_t> in_log_;  // page → offset in the log
};

struct table_row {
  std::int64_t id = 0;
  std::vector<cell> values;
};

/// The rows of a leaf page of a table (type 13) that can be decoded. Empty for any other page.
std::vector<table_row> rows_of_leaf(const page_file& file, std::uint32_t number, const page_bytes& page);

}  // namespace usage
