#pragma once

// The normal form of token counts, whatever the provider called them. Unit: tokens. "Not reported" is nullopt, never 0.

#include <cstdint>
#include <optional>

namespace usage {

struct token_usage {
  std::optional<std::int64_t> input_uncached;  // prompt tokens not read from a cache
  std::optional<std::int64_t> cache_read;      // prompt tokens read from a cache
  std::optional<std::int64_t> cache_write;     // prompt tokens written to a cache
  std::optional<std::int64_t> output_total;    // everything generated, thinking included
  std::optional<std::int64_t> thinking;        // the part of output_total spent on reasoning

  /// input_uncached + cache_read + cache_write; nullopt if none of them is known.
  std::optional<std::int64_t> input_total() const;

  bool operator==(const token_usage&) const = default;
};

}  // namespace usage
