#include "usage/ledger/reports/time_slices.hpp"

#include <algorithm>

#include "usage/ledger/reports/ledger_reader.hpp"
#include "usage/ledger/schema.hpp"

namespace usage {
namespace {

constexpr std::int64_t last_second = 253'402'300'800;  // the year 10000: far enough, and safe to multiply

std::int64_t clamped(std::int64_t seconds) {
  return std::clamp<std::int64_t>(seconds, 0, last_second);
}

std::int64_t hour_before(std::int64_t ms) {
  return ms / hour_ms;
}

std::int64_t hour_after(std::int64_t ms) {
  return (ms + hour_ms - 1) / hour_ms;
}

}  // namespace

time_slices slice(const time_range& range, std::int64_t rows_from) {
  const std::int64_t start = clamped(range.start.value_or(0)) * 1000;
  const std::int64_t end = std::max(start, clamped(range.end.value_or(last_second)) * 1000);
  time_slices cut;
  cut.first_hour = hour_after(start);
  cut.last_hour = std::max(cut.first_hour, hour_before(end));
  const std::int64_t first_ms = cut.first_hour * hour_ms;
  const std::int64_t last_ms = cut.last_hour * hour_ms;
  if (start < first_ms && first_ms > rows_from) {
    cut.lead_from = start;
    cut.lead_to = std::min(first_ms, end);
  }
  if (last_ms < end && last_ms < rows_from) {
    ++cut.last_hour;
  } else if (last_ms < end) {
    cut.tail_from = last_ms;
    cut.tail_to = end;
  }
  return cut;
}

time_slices slice(const bucket_query& query, std::int64_t rows_from) {
  const std::int64_t start = query.start * 1000;
  const std::int64_t end = query.end * 1000;
  time_slices cut;
  cut.first_hour = hour_after(start);
  cut.last_hour = hour_after(end);
  if (query.width != bucket_width::minute) return cut;
  cut.last_hour = std::clamp(cut.last_hour, cut.first_hour, std::max(cut.first_hour, rows_from / hour_ms));
  cut.lead_from = std::max(start, rows_from);
  cut.lead_to = std::max(cut.lead_from, end);
  return cut;
}

day_slices hours_of(const time_slices& cut) {
  return {.lead_from = cut.first_hour, .lead_to = cut.last_hour};
}

day_slices days_of(const time_slices& cut) {
  const std::int64_t first_day = (cut.first_hour + hours_of_day - 1) / hours_of_day;
  const std::int64_t last_day = cut.last_hour / hours_of_day;
  if (first_day >= last_day) return hours_of(cut);
  return {cut.first_hour, first_day * hours_of_day, first_day, last_day, last_day * hours_of_day, cut.last_hour};
}

bucket_query aligned(const bucket_query& query) {
  const std::int64_t width = seconds_of(query.width);
  bucket_query whole = query;
  whole.start = clamped(query.start) / width * width;
  const std::int64_t end = std::max(clamped(query.start), clamped(query.end));
  whole.end = std::min((end + width - 1) / width * width, whole.start + max_report_buckets * width);
  return whole;
}

}  // namespace usage
