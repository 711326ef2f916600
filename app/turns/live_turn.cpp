#include "app/turns/live_turn.hpp"

#include <utility>
#include <variant>

#include "app/base/wall_clock.hpp"
#include "app/turns/cascade_event.hpp"

namespace app {

live_turn::live_turn(cascade::dispatcher& servers, cascade::turn_place place, cascade::turn_request request,
                     std::string request_id, cascade::turn_hooks log, cascade_evidence* evidence)
    : request_id_(std::move(request_id)),
      evidence_(evidence),
      turn_(servers, std::move(place), std::move(request), with_begin(std::move(log))) {}

cascade::turn_hooks live_turn::with_begin(cascade::turn_hooks log) {
  log.on_begin = [this](std::uint32_t first_step) { report_begin(first_step); };
  return log;
}

void live_turn::report_begin(std::uint32_t first_step) {
  begun_ = std::chrono::steady_clock::now();
  begin_reported_ = true;
  if (evidence_ != nullptr) evidence_->on_turn_begin({cascade_id(), request_id_, first_step, unix_ms()});
}

void live_turn::note(const cascade::event& event) {
  using namespace cascade;
  if (!first_token_ms_ &&
      (std::holds_alternative<text_delta>(event) || std::holds_alternative<reasoning_delta>(event))) {
    using std::chrono::milliseconds;
    first_token_ms_ = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun_).count();
  }
  if (const auto* end = std::get_if<finished>(&event)) outcome_ = to_string(end->reason);
  if (std::holds_alternative<failed>(event)) outcome_ = "failed";
}

asio::awaitable<net::result<std::span<const cascade::event>>> live_turn::next() {
  auto events = co_await turn_.next();
  if (events.has_error()) {
    if (events.error() != asio::error::eof && events.error() != asio::error::operation_aborted) outcome_ = "failed";
    co_return events;
  }
  for (const auto& each : *events) note(each);
  if (evidence_ != nullptr) {
    evidence_->on_update({cascade_id(), request_id_}, *events, turn_.updates().view().state());
  }
  co_return events;
}

std::uint32_t live_turn::steps() const {
  return static_cast<std::uint32_t>(turn_.updates().view().state().trajectory().steps_size());
}

asio::awaitable<void> live_turn::leave() {
  co_await turn_.leave();
  if (begin_reported_ && evidence_ != nullptr) {
    evidence_->on_turn_end({cascade_id(), request_id_, unix_ms(), first_token_ms_, outcome_});
  }
}

turn_starter::turn_starter(cascade::dispatcher& servers, net::task_group& leaving, cascade_evidence* evidence,
                           cascade::turn_hooks log)
    : servers_(servers), leaving_(leaving), evidence_(evidence), log_(std::move(log)) {}

asio::awaitable<boost::system::result<live_turn_ptr, turn_refusal>> turn_starter::begin(cascade::turn_request request,
                                                                                        std::string request_id) {
  auto place = co_await servers_.enter();
  if (place.has_error()) co_return refusal_of(place.error());
  const auto leave = [](std::unique_ptr<live_turn> left) -> asio::awaitable<void> { co_await left->leave(); };
  const auto drop = [this, leave, executor = co_await asio::this_coro::executor](live_turn* left) {
    leaving_.spawn(executor, leave(std::unique_ptr<live_turn>(left)));
  };
  const live_turn_ptr turn(
      new live_turn(servers_, std::move(*place), std::move(request), std::move(request_id), log_, evidence_), drop);
  const auto begun = co_await turn->turn_.begin();
  if (begun.has_error()) co_return refusal_of(begun.error(), turn->turn_.sent());
  co_return boost::system::result<live_turn_ptr, turn_refusal>(boost::system::in_place_value, turn);
}

}  // namespace app
