#pragma once

// Divides a range of time into whole hours, which roll-ups answer, and its edges, which single rows answer. Divides the
// hours into whole days. Pure.

#include <cstdint>

#include "usage/ledger/usage_totals.hpp"

namespace usage {

/// Half-open ranges. An empty one has first == last.
struct time_slices {
  std::int64_t first_hour = 0;  // Unix hours
  std::int64_t last_hour = 0;
  std::int64_t lead_from = 0;  // Unix ms, rows before the first whole hour
  std::int64_t lead_to = 0;
  std::int64_t tail_from = 0;  // Unix ms, rows after the last whole hour
  std::int64_t tail_to = 0;

  bool operator==(const time_slices&) const = default;
};

/// Rows before `rows_from` (Unix ms, on the hour) were deleted. Their hours count as a whole at their beginning.
time_slices slice(const time_range& range, std::int64_t rows_from);

/// The same for buckets of a minute: hours whose rows were deleted, and rows (in the lead) for the rest. Buckets of
/// hours and days consist of whole hours.
time_slices slice(const bucket_query& query, std::int64_t rows_from);

/// Half-open ranges. The hours are those before the first whole day and after the last one.
struct day_slices {
  std::int64_t lead_from = 0;  // Unix hours; all of them if there is no whole day
  std::int64_t lead_to = 0;
  std::int64_t first_day = 0;  // Unix days
  std::int64_t last_day = 0;
  std::int64_t tail_from = 0;  // Unix hours
  std::int64_t tail_to = 0;

  bool operator==(const day_slices&) const = default;
};

/// What its whole hours are cut into.
day_slices days_of(const time_slices& cut);
/// The same for hours.
day_slices hours_of(const time_slices& cut);

/// Moves start and end to boundaries of the width, with at most max_report_buckets between them.
bucket_query aligned(const bucket_query& query);

}  // namespace usage
