#pragma once

// Reports from the ledger. It has its own read-only connection, so that it neither waits for the writer nor makes it
// wait. One caller at a time; every call blocks. A report sums whole days and hours from the roll-ups, and the rest of
// its range from single rows. A range that covers everything is answered from the sums of all time. Only the listed
// conversations are summed. Where retention has deleted the rows, everything in an hour counts as if it had happened in
// its first second: ranges still add up, but are only exact to the hour.

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
#include "usage/ledger/reports/known_transcript.hpp"
#include "usage/ledger/reports/rereading.hpp"

namespace usage {

/// Most groups of one report; those used last are listed. Totals count all groups.
inline constexpr std::int64_t max_report_groups = 1000;
/// Most buckets of one answer. A longer range ends early.
inline constexpr std::int64_t max_report_buckets = 1440;
/// Most rows of one page.
inline constexpr std::int64_t max_exchange_rows = 1000;
/// Most calls of one conversation that are compared, from either end.
inline constexpr std::int64_t max_compared_calls = 20'000;

class ledger_reader {
 public:
  /// A ledger must have opened the file before.
  static ledger_result<ledger_reader> open(const ledger_options& options);

  ~ledger_reader();
  ledger_reader(ledger_reader&&) noexcept;
  ledger_reader& operator=(ledger_reader&&) noexcept;

  /// Until the next call of this function, reading ends early with SQLITE_INTERRUPT once `stop` is requested.
  void interrupt_by(std::stop_token stop);

  /// Changes whenever another connection has written. Only comparable with earlier values of the same reader.
  ledger_result<std::int64_t> version();

  ledger_result<usage_totals> totals(const time_range& range);
  ledger_result<std::vector<usage_group>> report(group_by by, const time_range& range);
  ledger_result<usage_summary> summary(std::span<const group_by> groups, const time_range& range);
  ledger_result<exchange_page> exchanges(const exchange_query& query);
  /// What was not read; an entry of which some part may lie in the range is whole, the latest first.
  ledger_result<std::vector<unread_note>> unread(const time_range& range);
  /// The latest of each account and window that is asked for, those told last first.
  ledger_result<window_page> windows(const window_query& query);
  /// What they were, the latest change first.
  ledger_result<window_page> window_changes(const window_query& query);
  /// Every bucket of the range, the empty ones too.
  ledger_result<std::vector<usage_bucket>> buckets(const bucket_query& query);

  /// nullopt if the conversation is not known.
  ledger_result<std::optional<conversation_record>> conversation(const std::string& id);
  ledger_result<conversation_sides> sides(const std::string& id);
  /// An empty name means the rows of language servers that belong to no conversation.
  ledger_result<std::vector<std::string>> compared(const comparison_query& query);

  /// Rows that are booked otherwise than their usage objects read today. Reads all that are not verified.
  ledger_result<rereading> read_again(const reread_options& wanted = {});
  /// The ids of the next of them, after that row.
  ledger_result<differing_rows> differing(std::int64_t after, std::size_t limit);

  /// Model calls since then (Unix ms) that may still be placed, the latest first.
  ledger_result<std::vector<usage_record>> unattributed(std::int64_t since, std::int64_t limit);

  /// Of the rows that were placed by their transcript, the latest first.
  ledger_result<std::vector<known_transcript>> transcripts(std::int64_t limit);

  /// Unix ms of the last booked request; nullopt if there is none.
  ledger_result<std::optional<std::int64_t>> last_exchange_at();

 private:
  struct state;
  explicit ledger_reader(std::unique_ptr<state> opened);

  std::unique_ptr<state> state_;
};

}  // namespace usage
