#pragma once

// The ledger of a user who has worked for a long time.

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace bench {

struct grown_ledger {
  std::size_t rows = 300'000;
  std::int64_t seconds_apart = 30;     // between two rows
  std::size_t conversations = 50'000;  // which alternate; each has `turns` rows
  std::size_t turns = 100;
};

/// Writes rows backwards from now, newest first. Throws std::runtime_error.
void grow(const std::filesystem::path& file, const grown_ledger& wanted);

}  // namespace bench
