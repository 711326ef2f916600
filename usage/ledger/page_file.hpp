#pragma once

// The pages of a SQLite file without SQLite, for a file that it refuses: https://www.sqlite.org/fileformat2.html. What
// the write-ahead log has committed stands before what the file holds. Driven by ledger_rescue.

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
  /// A header that makes no sense is passed over: a ledger's pages have 4096 bytes. nullopt: the file cannot be read.
  static std::optional<page_file> open(const std::filesystem::path& file);

  std::uint32_t pages() const noexcept { return pages_; }
  std::size_t usable() const noexcept { return page_size_ - reserved_; }

  /// Pages count from 1; the last one is shorter where the file was cut in it. False: it lies beyond the end.
  bool read(std::uint32_t number, page_bytes& page) const;

  /// Pages that hold nothing any more, as far as their list can be followed.
  std::unordered_set<std::uint32_t> free_pages() const;

 private:
  void read_log(const std::filesystem::path& log);

  owned_descriptor file_;
  owned_descriptor log_;
  std::size_t page_size_ = 4096;
  std::size_t reserved_ = 0;
  std::uint32_t pages_ = 0;
  std::unordered_map<std::uint32_t, std::uint64_t> in_log_;  // page → where in the log
};

struct table_row {
  std::int64_t id = 0;
  std::vector<cell> values;
};

/// The rows of a leaf page of a table (type 13), those that can be decoded; an empty vector for any other page.
std::vector<table_row> rows_of_leaf(const page_file& file, std::uint32_t number, const page_bytes& page);

}  // namespace usage
