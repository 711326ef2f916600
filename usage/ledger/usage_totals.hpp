#pragma once

// The ledger's answers: sums of rows, grouped, over a range of time or in buckets of it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "usage/usage_record.hpp"

namespace usage {

/// Sums of a group of rows. Token members count what was reported; how many model calls did not report theirs stands
/// beside each (calls that failed are not among them: they used nothing).
struct usage_totals {
  std::int64_t requests = 0;        // model calls
  std::int64_t other_requests = 0;  // countTokens, loadCodeAssist …: not model calls
  std::int64_t input_tokens = 0;    // input_total
  std::int64_t input_uncached_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t thinking_tokens = 0;
  std::int64_t errors = 0;  // of model calls, like the three below
  std::int64_t interrupted = 0;
  std::int64_t unreported = 0;
  std::int64_t retries = 0;  // attempt > 0

  std::int64_t input_unreported = 0;
  std::int64_t cache_read_unreported = 0;
  std::int64_t cache_write_unreported = 0;
  std::int64_t output_unreported = 0;
  std::int64_t thinking_unreported = 0;
  std::int64_t inconsistent = 0;  // calls whose counts contradict each other (usage_flag)

  std::int64_t cache_write_1h_tokens = 0;
  std::int64_t audio_input_tokens = 0;
  std::int64_t image_input_tokens = 0;
  std::int64_t audio_output_tokens = 0;
  std::int64_t image_output_tokens = 0;
  std::int64_t web_searches = 0;
  std::int64_t provider_cost = 0;  // in 10⁻⁹, as providers told it

  bool operator==(const usage_totals&) const = default;
};

/// Those that the ledger sums, in the order of its columns (schema.hpp); input_tokens follows from them.
inline constexpr std::array summed_totals{&usage_totals::requests,
                                          &usage_totals::other_requests,
                                          &usage_totals::input_uncached_tokens,
                                          &usage_totals::cache_read_tokens,
                                          &usage_totals::cache_write_tokens,
                                          &usage_totals::output_tokens,
                                          &usage_totals::thinking_tokens,
                                          &usage_totals::errors,
                                          &usage_totals::interrupted,
                                          &usage_totals::unreported,
                                          &usage_totals::retries,
                                          &usage_totals::input_unreported,
                                          &usage_totals::cache_read_unreported,
                                          &usage_totals::cache_write_unreported,
                                          &usage_totals::output_unreported,
                                          &usage_totals::thinking_unreported,
                                          &usage_totals::inconsistent,
                                          &usage_totals::cache_write_1h_tokens,
                                          &usage_totals::audio_input_tokens,
                                          &usage_totals::image_input_tokens,
                                          &usage_totals::audio_output_tokens,
                                          &usage_totals::image_output_tokens,
                                          &usage_totals::web_searches,
                                          &usage_totals::provider_cost};

/// Adds what the row counts for, `times` times. Only a model call has a status; the tokens of a prewarm count nowhere.
void add_row(usage_totals& totals, const usage_record& row, std::int64_t times = 1);

struct usage_group {
  std::string key;  // model, conversation, host, status, process or rule; empty: not named / unattributed
  usage_totals totals;
  std::int64_t first_at = 0;  // Unix ms of the first and the last request of the group
  std::int64_t last_at = 0;

  bool operator==(const usage_group&) const = default;
};

/// A row's model is the one requested, or the one served if none was requested; its process is the executable. Rows
/// that no rule has changed are in no group of rules.
enum class group_by : std::uint8_t { model, conversation, host, status, process, rule };

/// Half open [start, end) in Unix seconds, either may be absent.
struct time_range {
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> end;
};

/// Totals and groups from the same moment, so they add up.
struct usage_summary {
  usage_totals totals;
  std::vector<std::pair<group_by, std::vector<usage_group>>> groups;  // in the requested order
};

struct usage_bucket {
  std::int64_t start = 0;  // Unix seconds
  std::int64_t end = 0;
  std::vector<usage_group> groups;  // by model, or one with an empty key; none if nothing happened
};

enum class bucket_width : std::uint8_t { minute, hour, day };  // of UTC

constexpr std::int64_t seconds_of(bucket_width width) noexcept {
  return width == bucket_width::minute ? 60 : width == bucket_width::hour ? 3600 : 86400;
}

struct bucket_query {
  std::int64_t start = 0;  // Unix seconds; moved down to a boundary of the width, `end` up to one
  std::int64_t end = 0;
  bucket_width width = bucket_width::day;
  bool by_model = false;
};

/// Asks for a page of single rows, newest first, or oldest first if ascending. `after` is the id of the last row of the
/// previous page.
struct exchange_query {
  std::int64_t limit = 100;
  std::optional<std::int64_t> after;
  bool ascending = false;
};

struct exchange_page {
  std::vector<usage_record> rows;
  bool has_more = false;
};

}  // namespace usage
