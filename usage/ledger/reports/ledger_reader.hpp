#pragma once

// Reports over the ledger: a read-only connection of its own, so that a reader neither waits for the writer nor makes
// it wait. One caller at a time; every call blocks. Ranges take whole days and hours from the roll-ups and the rest
// from single rows; a range that holds everything is answered from sums of all time, and of conversations only those
// that are listed are summed. Where retention has deleted the rows, everything that happened in an hour counts as if it
// had happened at its first second: ranges still add up, but are only good to the hour.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "usage/ledger/ledger.hpp"
#include "usage/ledger/reports/conversation_record.hpp"

namespace usage {

/// Groups of one report, those used last first; totals count all of them.
inline constexpr std::int64_t max_report_groups = 1000;
/// Buckets of one answer; a longer range ends early.
inline constexpr std::int64_t max_report_buckets = 1440;
/// Rows of one page.
inline constexpr std::int64_t max_exchange_rows = 1000;
/// Calls of one conversation, from either end, that are compared.
inline constexpr std::int64_t max_compared_calls = 20'000;

class ledger_reader {
 public:
  /// The file must have been opened by a ledger before.
  static ledger_result<ledger_reader> open(const ledger_options& options);

  ~ledger_reader();
  ledger_reader(ledger_reader&&) noexcept;
  ledger_reader& operator=(ledger_reader&&) noexcept;

  /// Reading ends early, with SQLITE_INTERRUPT, once `stop` is requested; until the next call of this.
  void interrupt_by(std::stop_token stop);

  /// Another number than before if anybody else has written since. Only comparable with earlier ones of this reader.
  ledger_result<std::int64_t> version();

  ledger_result<usage_totals> totals(const time_range& range);
  ledger_result<std::vector<usage_group>> report(group_by by, const time_range& range);
  ledger_result<usage_summary> summary(std::span<const group_by> groups, const time_range& range);
  ledger_result<exchange_page> exchanges(const exchange_query& query);
  /// What was not read; an entry of which some part may lie in the range is whole, the latest first.
  ledger_result<std::vector<unread_note>> unread(const time_range& range);
  /// Every bucket of the range, the empty ones too.
  ledger_result<std::vector<usage_bucket>> buckets(const bucket_query& query);

  /// Nothing if it is not known.
  ledger_result<std::optional<conversation_record>> conversation(const std::string& id);
  ledger_result<conversation_sides> sides(const std::string& id);
  /// An empty name stands for the rows of language servers that are in no conversation.
  ledger_result<std::vector<std::string>> compared(const comparison_query& query);

  /// Model calls since then (Unix ms) that may still be placed, the latest first.
  ledger_result<std::vector<usage_record>> unattributed(std::int64_t since, std::int64_t limit);

  /// Unix ms of the last request that was booked; nothing if there is none.
  ledger_result<std::optional<std::int64_t>> last_exchange_at();

 private:
  struct state;
  explicit ledger_reader(std::unique_ptr<state> opened);

  std::unique_ptr<state> state_;
};

}  // namespace usage
