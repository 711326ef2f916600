#pragma once

// The ledger's answers: sums of rows, grouped, over a range of time or in buckets of it.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "usage/usage_record.hpp"

namespace usage {

/// Sums of a group of rows. Token members count what was reported.
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

  bool operator==(const usage_totals&) const = default;
};

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
