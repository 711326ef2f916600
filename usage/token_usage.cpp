#include "usage/token_usage.hpp"

namespace usage {

std::optional<std::int64_t> token_usage::input_total() const {
  if (!input_uncached && !cache_read && !cache_write) return std::nullopt;
  return input_uncached.value_or(0) + cache_read.value_or(0) + cache_write.value_or(0);
}

}  // namespace usage
