#include "test/sim/language_server/turn.hpp"

#include <csignal>
#include <ctime>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "test/sim/language_server/turn_record.hpp"

namespace sim::ls {
namespace {

using namespace std::chrono_literals;

asio::awaitable<void> pause(std::chrono::nanoseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> wait_to_be_cancelled() {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

/// Shows the growing answer of one model call, with the mishaps that were asked for.
class narrator {
 public:
  narrator(turn_record& record, const switches& asked) : record_(record), asked_(asked) {}

  asio::awaitable<void> hear(const provider_answer& answer) {
    ++deltas_;
    if (asked_.early_idle && !answer.finish_reason.empty()) co_return;
    record_.show(text(answer), answer.thinking);
    if (deltas_ == asked_.crash_mid_turn) {
      // What was shown shall have left.
      co_await pause(20ms);
      std::raise(SIGKILL);
    }
    if (deltas_ == asked_.stall) co_await wait_to_be_cancelled();
  }

  std::string text(const provider_answer& answer) const {
    const bool rewritten = asked_.rewrite && deltas_ > 1;
    return rewritten ? "In other words: " + answer.text : answer.text;
  }

 private:
  turn_record& record_;
  const switches& asked_;
  std::size_t deltas_ = 0;
};

struct turn {
  live_cascade& cascade;
  provider& upstream;
  const prompt& said;
  turn_record record;

  const switches& asked() const { return said.behaviour; }
};

asio::awaitable<void> ask_model(turn& now, bool last) {
  narrator voice(now.record, now.asked());
  const auto report = co_await call_model(now.upstream, now.record.question(), now.asked(),
                                          [&voice](const provider_answer& answer) { return voice.hear(answer); });
  if (last && now.asked().early_idle) {
    now.record.set_run_status(cortex::CASCADE_RUN_STATUS_IDLE, false);
    co_await pause(50ms);
  }
  now.record.end_planner(voice.text(report.answer), report, !last);
}

asio::awaitable<void> run_command(turn& now) {
  co_await ask_model(now, false);
  now.record.begin_command(cortex::CORTEX_STEP_STATUS_RUNNING);
  co_await pause(1ms);
  now.record.set_command_status(cortex::CORTEX_STEP_STATUS_DONE);
}

asio::awaitable<void> run_command_if_allowed(turn& now) {
  co_await ask_model(now, false);
  now.cascade.expect_answer(now.record.next_index());
  now.record.begin_command(cortex::CORTEX_STEP_STATUS_WAITING);
  const auto answer = co_await now.cascade.answer_to_step();
  if (!answer.run_command().confirm()) {
    now.record.set_command_status(cortex::CORTEX_STEP_STATUS_CANCELED);
    co_return;
  }
  now.record.set_command_status(cortex::CORTEX_STEP_STATUS_RUNNING);
  co_await pause(1ms);
  now.record.set_command_status(cortex::CORTEX_STEP_STATUS_DONE);
}

asio::awaitable<void> run_sub_agent(turn& now) {
  now.record.begin_sub_agent();
  auto& record = now.record;
  switches asked;
  asked.ids = now.asked().ids;
  const auto report = co_await call_model(now.upstream, record.sub_agent_question(), asked,
                                          [&record](const provider_answer& answer) -> asio::awaitable<void> {
                                            record.show_sub_agent(answer.text);
                                            co_return;
                                          });
  record.end_sub_agent(report);
}

std::int64_t monotonic_ns() {
  std::timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

/// Deltas without a model call, paced by the clock so that late ones do not slow the rest.
asio::awaitable<void> run_synthetic(turn& now) {
  const auto gap = std::chrono::microseconds(now.asked().gap_us);
  auto due = std::chrono::steady_clock::now();
  asio::steady_timer timer(co_await asio::this_coro::executor);
  std::string text;
  for (std::size_t i = 0; i < now.asked().synthetic; ++i) {
    timer.expires_at(due += gap);
    co_await timer.async_wait(asio::use_awaitable);
    text += "t=" + std::to_string(monotonic_ns()) + " ";
    now.record.show(text, {});
    const bool full = (i + 1) % now.asked().synthetic_step == 0;
    if (full || i + 1 == now.asked().synthetic) now.record.end_planner(std::exchange(text, {}), {}, false);
  }
}

asio::awaitable<void> take_steps(turn& now) {
  if (now.asked().error_step) {
    const std::string words = "INTERNAL (code 500): the simulator was asked for this error";
    throw model_failure{.code = 500, .short_error = words, .full_error = words, .trace_id = {}, .retryable = false};
  }
  if (now.asked().synthetic > 0) co_return co_await run_synthetic(now);
  for (std::size_t i = 0; i < now.asked().tool_steps; ++i) co_await run_command(now);
  if (now.asked().waiting) co_await run_command_if_allowed(now);
  if (now.asked().sub_agent) co_await run_sub_agent(now);
  co_await ask_model(now, true);
  for (std::size_t i = 0; i < now.asked().background; ++i)
    co_await call_in_background(now.upstream, "Give this conversation a title.");
  if (now.asked().late_idle > 0) co_await pause(std::chrono::milliseconds(now.asked().late_idle));
}

asio::awaitable<cortex::ExecutorTerminationReason> take_steps_and_tell_how_it_ended(turn& now) {
  try {
    co_await take_steps(now);
    co_return cortex::EXECUTOR_TERMINATION_REASON_NO_TOOL_CALL;
  } catch (const model_failure& failure) {
    now.record.close_open_step(cortex::CORTEX_STEP_STATUS_ERROR);
    now.record.add_error(failure);
    co_return cortex::EXECUTOR_TERMINATION_REASON_ERROR;
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;
    now.record.close_open_step(cortex::CORTEX_STEP_STATUS_CANCELED);
    co_return cortex::EXECUTOR_TERMINATION_REASON_USER_CANCELED;
  }
}

asio::awaitable<void> run_turn(std::shared_ptr<live_cascade> cascade, provider& upstream, prompt said) {
  turn now{*cascade, upstream, said, turn_record(*cascade, said)};
  const auto reason = co_await take_steps_and_tell_how_it_ended(now);
  now.record.add_outcome(reason);
  now.record.set_run_status(cortex::CASCADE_RUN_STATUS_IDLE, true);
  cascade->rest();
}

void run_on_strand(std::shared_ptr<live_cascade> cascade, provider& upstream, prompt said) {
  const auto go_on = [cascade, &upstream](const std::exception_ptr& failed) {
    // A defect of the simulator: the test that met it shall see it.
    if (failed) std::rethrow_exception(failed);
    if (auto next = cascade->next()) run_on_strand(cascade, upstream, std::move(*next));
  };
  asio::co_spawn(cascade->strand(), run_turn(cascade, upstream, std::move(said)),
                 asio::bind_cancellation_slot(cascade->start(), go_on));
}

}  // namespace

void start_turn(std::shared_ptr<live_cascade> cascade, provider& upstream, prompt said) {
  auto& strand = cascade->strand();
  asio::post(strand, [cascade = std::move(cascade), &upstream, said = std::move(said)]() mutable {
    run_on_strand(std::move(cascade), upstream, std::move(said));
  });
}

}  // namespace sim::ls
