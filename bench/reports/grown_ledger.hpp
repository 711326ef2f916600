#pragma once

// A ledger of one who has worked for a long time.

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace bench {

struct grown_ledger {
  std::size_t rows = 300'000;
  std::int64_t seconds_apart = 30;     // from one row to the one before it
  std::size_t conversations = 50'000;  // that take turns; each has `turns` rows
  std::size_t turns = 100;
};

/// Rows back from now, the newest first. Throws std::runtime_error.
void grow(const std::filesystem::path& file, const grown_ledger& wanted);

}  // namespace bench
