#pragma once

// The normal form of what an answer has used, whatever the provider called it. "Not reported" is nullopt, never 0.

#include <cstdint>
#include <optional>
#include <string>

namespace usage {

/// Unit: tokens.
struct token_usage {
  std::optional<std::int64_t> input_uncached;  // prompt tokens not read from a cache
  std::optional<std::int64_t> cache_read;      // prompt tokens read from a cache
  std::optional<std::int64_t> cache_write;     // prompt tokens written to a cache
  std::optional<std::int64_t> output_total;    // everything generated, thinking included
  std::optional<std::int64_t> thinking;        // the part of output_total spent on reasoning

  // Parts with a price of their own.
  std::optional<std::int64_t> cache_write_1h = {};  // of cache_write: kept for an hour
  std::optional<std::int64_t> audio_input = {};     // of the whole input
  std::optional<std::int64_t> image_input = {};
  std::optional<std::int64_t> audio_output = {};  // of output_total
  std::optional<std::int64_t> image_output = {};

  /// input_uncached + cache_read + cache_write; nullopt if none of them is known.
  std::optional<std::int64_t> input_total() const;

  bool operator==(const token_usage&) const = default;
};

/// All of them, for what is done with each.
inline constexpr std::optional<std::int64_t> token_usage::* token_counts[]{
    &token_usage::input_uncached, &token_usage::cache_read,     &token_usage::cache_write, &token_usage::output_total,
    &token_usage::thinking,       &token_usage::cache_write_1h, &token_usage::audio_input, &token_usage::image_input,
    &token_usage::audio_output,   &token_usage::image_output};

/// What else decides the price of a call, as its provider told it.
struct billing_facts {
  std::string service_tier;  // standard, priority, flex, batch, PROVISIONED_THROUGHPUT …
  std::string speed;         // fast, standard
  std::string region;        // where it was computed: inference_geo
  std::optional<std::int64_t> web_searches;
  std::optional<std::int64_t> web_fetches;
  std::optional<std::int64_t> audio_ms;       // of audio that is billed by its length
  std::optional<std::int64_t> provider_cost;  // in 10⁻⁹ of the provider's unit, US dollars as a rule

  bool operator==(const billing_facts&) const = default;
};

/// Bits of usage_record::usage_flags. Stored in the ledger: their values must not change.
enum usage_flag : std::uint8_t {
  part_exceeds_whole = 1,  // more cached tokens than prompt tokens, more thinking than output …
  total_differs = 2,       // the total that was told is not the sum of its parts
  count_unreadable = 4,    // a count was no number, or too large to be believed
};

/// Flags what cannot be: a part that is greater than its whole.
std::uint8_t impossible_parts(const token_usage& tokens);

}  // namespace usage
