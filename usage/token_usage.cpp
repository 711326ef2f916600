#include "usage/token_usage.hpp"

namespace usage {
namespace {

bool exceeds(const std::optional<std::int64_t>& part, const std::optional<std::int64_t>& whole) {
  return part && whole && *part > *whole;
}

}  // namespace

std::optional<std::int64_t> token_usage::input_total() const {
  if (!input_uncached && !cache_read && !cache_write) return std::nullopt;
  return input_uncached.value_or(0) + cache_read.value_or(0) + cache_write.value_or(0);
}

std::uint8_t impossible_parts(const token_usage& tokens) {
  const auto input = tokens.input_total();
  const bool impossible = exceeds(tokens.thinking, tokens.output_total) ||
                          exceeds(tokens.audio_output, tokens.output_total) ||
                          exceeds(tokens.image_output, tokens.output_total) || exceeds(tokens.audio_input, input) ||
                          exceeds(tokens.image_input, input) || exceeds(tokens.cache_write_1h, tokens.cache_write);
  return impossible ? part_exceeds_whole : 0;
}

}  // namespace usage
