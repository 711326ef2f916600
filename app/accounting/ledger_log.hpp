#pragma once

// Logs the state of the ledger: that it cannot be written, what is lost, and when it works again. Each kind is logged
// at once, and while it lasts at most once a minute, with counts. Called on the writer's thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "app/log/logging.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

class ledger_log {
 public:
  using instant = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes repeat_after{1};

  explicit ledger_log(logger& log) : log_(log) {}

  void on_attempt(const usage::ledger_writer_state& state, instant now);
  void on_note(const std::string& note);

  /// At the end: logs lost rows that were not logged yet, and how many there are in all.
  void on_end(const usage::ledger_writer_state& state);

 private:
  void tell_trouble(const usage::ledger_writer_state& state);
  void tell_failure(const usage::ledger_writer_state& state, instant now);
  void tell_loss(const usage::ledger_writer_state& state, instant now);
  void tell_leap(const usage::ledger_writer_state& state);

  logger& log_;
  std::string trouble_;
  std::optional<instant> failure_logged_at_;  // of the failure that lasts
  std::optional<instant> loss_logged_at_;
  std::uint64_t logged_lost_ = 0;  // rows
  bool leap_logged_ = false;       // of a clock that is ahead, and still is
};

/// Rows and notes that will never be in the ledger.
std::uint64_t lost_rows(const usage::ledger_writer_state& state);

/// What /readyz says of the ledger.
std::string ledger_words(const usage::ledger_writer_state& state);

}  // namespace app
