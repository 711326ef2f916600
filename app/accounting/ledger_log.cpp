#include "app/accounting/ledger_log.hpp"

#include <fmt/format.h>

#include "app/accounting/clock_check.hpp"

namespace app {
namespace {

std::int64_t as_field(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::uint64_t lost_rows(const usage::ledger_writer_state& state) {
  return state.dropped + state.lost;
}

std::string ledger_words(const usage::ledger_writer_state& state) {
  std::string words;
  const auto add = [&words](const std::string& more) { words += (words.empty() ? "" : "; ") + more; };
  if (!state.trouble.empty()) add(state.trouble);
  if (!state.healthy && state.last_error != state.trouble) add(state.last_error);
  add(fmt::format("{} rows wait", state.queued));
  if (lost_rows(state) != 0) add(fmt::format("{} rows are lost since the start", lost_rows(state)));
  if (!state.retention_error.empty()) add("retention: " + state.retention_error);
  if (const auto leap = leap_complaint(std::chrono::milliseconds(state.clock_ahead_ms)); !leap.empty()) add(leap);
  return words;
}

void ledger_log::on_attempt(const usage::ledger_writer_state& state, instant now) {
  tell_trouble(state);
  tell_failure(state, now);
  tell_loss(state, now);
  tell_leap(state);
}

void ledger_log::tell_leap(const usage::ledger_writer_state& state) {
  const auto leap = leap_complaint(std::chrono::milliseconds(state.clock_ahead_ms));
  if (!leap.empty() && !leap_logged_) log_.warn(leap);
  leap_logged_ = !leap.empty();
}

void ledger_log::on_note(const std::string& note) {
  log_.warn("the ledger's file has changed", {{"what", note}});
}

void ledger_log::tell_trouble(const usage::ledger_writer_state& state) {
  if (state.trouble == trouble_) return;
  trouble_ = state.trouble;
  if (trouble_.empty()) {
    log_.info("the ledger is whole again, and rows go to it");
  } else {
    log_.error("the ledger cannot be used as it is", {{"reason", trouble_}});
  }
}

void ledger_log::tell_failure(const usage::ledger_writer_state& state, instant now) {
  if (state.healthy) {
    if (failure_logged_at_) log_.info("the ledger is written again", {{"rows_wait", as_field(state.queued)}});
    failure_logged_at_.reset();
    return;
  }
  if (failure_logged_at_ && now - *failure_logged_at_ < repeat_after) return;
  failure_logged_at_ = now;
  log_.error("rows cannot be written and wait", {{"reason", state.last_error}, {"rows_wait", as_field(state.queued)}});
}

void ledger_log::tell_loss(const usage::ledger_writer_state& state, instant now) {
  const std::uint64_t lost = lost_rows(state);
  if (lost == logged_lost_ || (loss_logged_at_ && now - *loss_logged_at_ < repeat_after)) return;
  loss_logged_at_ = now;
  log_.error("usage rows are lost: no more may wait (ledger.queue)",
             {{"rows", as_field(lost - logged_lost_)}, {"rows_since_start", as_field(lost)}});
  logged_lost_ = lost;
}

void ledger_log::on_end(const usage::ledger_writer_state& state) {
  if (lost_rows(state) == 0) return;
  log_.error("usage rows could not be written and are lost",
             {{"rows", as_field(lost_rows(state) - logged_lost_)}, {"rows_since_start", as_field(lost_rows(state))}});
}

}  // namespace app
