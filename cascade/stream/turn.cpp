#include "cascade/stream/turn.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace cascade {
namespace {

using clock = std::chrono::steady_clock;

bool runs(exa::cortex_pb::CascadeRunStatus status) {
  return status != exa::cortex_pb::CASCADE_RUN_STATUS_UNSPECIFIED && status != exa::cortex_pb::CASCADE_RUN_STATUS_IDLE;
}

/// The server was reached and refused.
bool answered(const rpc_failure& why) {
  return why.code.category() == rpc_category() && why.code != rpc_errc::unavailable;
}

rpc_failure lost() {
  return {rpc_errc::unavailable, "the language server is gone; its turns ended with it"};
}

}  // namespace

// Wakes a waiting turn when its server is lost or silent for too long. Has one timer, which is re-armed only when it
// fires. Whoever may still call back shares ownership.
struct turn::alarm {
  alarm(turn& watched, asio::any_io_executor executor, std::stop_token lost_server)
      : owner(&watched), timer(executor), server(std::move(lost_server)) {}

  static void start(const std::shared_ptr<alarm>& self) {
    self->heard = clock::now();
    rearm(self);
    self->on_lost.emplace(self->server, [self = std::weak_ptr(self), executor = self->timer.get_executor()] {
      asio::post(executor, [self] {
        const auto here = self.lock();
        if (here && here->owner != nullptr) here->owner->abort(lost());
      });
    });
  }

  void stop() {
    owner = nullptr;
    on_lost.reset();
    timer.cancel();
  }

  static void rearm(const std::shared_ptr<alarm>& self) {
    const auto& limits = self->owner->request_.limits;
    self->timer.expires_at(self->heard + (self->asked ? limits.quiet_most : limits.quiet));
    self->timer.async_wait([self](boost::system::error_code) {
      if (self->owner != nullptr && self->go_on()) rearm(self);
    });
  }

  bool go_on() {
    const auto& limits = owner->request_.limits;
    const auto silent = clock::now() - heard;
    if (silent >= limits.quiet_most) {
      owner->abort({asio::error::timed_out, "the language server said nothing for too long"});
      return false;
    }
    if (silent >= limits.quiet && !std::exchange(asked, true)) {
      owner->servers_.failed(*owner->where_.session, {asio::error::timed_out, {}});
    }
    return true;
  }

  void hear() {
    heard = clock::now();
    asked = false;
  }

  turn* owner;
  asio::steady_timer timer;
  std::stop_token server;
  std::optional<std::stop_callback<std::function<void()>>> on_lost;
  clock::time_point heard;
  bool asked = false;
};

turn::turn(dispatcher& servers, turn_place where, turn_request request, turn_hooks hooks)
    : servers_(servers), where_(std::move(where)), request_(std::move(request)), hooks_(std::move(hooks)) {}

turn::~turn() {
  if (alarm_) alarm_->stop();
}

asio::awaitable<rpc_result<void>> turn::begin() {
  auto done = co_await (request_.cascade_id.empty() ? start() : find_first_step());
  if (done.has_value()) {
    alarm_ = std::make_shared<alarm>(*this, co_await asio::this_coro::executor, where_.session->server.lost);
    follow();
    if (hooks_.on_begin) hooks_.on_begin(first_step_);
    done = co_await send();
  }
  if (done.has_error()) fail(done.error());
  co_return done;
}

asio::awaitable<rpc_result<void>> turn::start() {
  ls::StartCascadeRequest request;
  request.set_source(exa::cortex_pb::CORTEX_TRAJECTORY_SOURCE_CASCADE_CLIENT);
  request.set_trajectory_type(exa::cortex_pb::CORTEX_TRAJECTORY_TYPE_CASCADE);
  auto started = co_await calls().start_cascade(std::move(request));
  if (started.has_error()) co_return started.error();
  request_.cascade_id = started->cascade_id();
  co_return rpc_result<void>();
}

asio::awaitable<rpc_result<void>> turn::find_first_step() {
  auto now = co_await calls().trajectory(request_.cascade_id);
  if (now.has_error() && says_unknown(now.error())) {
    // It is from an earlier run of the server, which loads it from disk only on request.
    const auto loaded = co_await calls().load(request_.cascade_id);
    if (loaded.has_error() && !answered(loaded.error())) co_return loaded.error();
    if (loaded.has_value()) now = co_await calls().trajectory(request_.cascade_id);
  }
  if (now.has_error()) {
    if (says_unknown(now.error())) co_return rpc_failure{rpc_errc::not_found, request_.cascade_id};
    co_return now.error();
  }
  if (runs(now->status())) {
    co_return rpc_failure{rpc_errc::failed_precondition, "the cascade is in the middle of a turn"};
  }
  first_step_ = now->num_total_steps();
  if (request_.expected_steps.value_or(first_step_) != first_step_) {
    co_return rpc_failure{rpc_errc::aborted, "somebody else went on with the cascade"};
  }
  co_return rpc_result<void>();
}

void turn::follow() {
  follow_options options;
  options.first_step = first_step_;
  options.limits = request_.limits.updates;
  options.on_kind = [this](stream_kind kind, std::string_view reason) {
    servers_.found(*where_.session, kind);
    if (hooks_.on_kind) hooks_.on_kind(cascade_id(), kind, reason);
  };
  updates_.emplace(calls(), request_.cascade_id, where_.session->kinds, std::move(options));
  servers_.found(*where_.session, updates_->kind());
  alarm::start(alarm_);
}

asio::awaitable<rpc_result<void>> turn::send() {
  ls::SendUserCascadeMessageRequest request;
  request.set_cascade_id(request_.cascade_id);
  request.add_items()->set_text(std::move(request_.text));
  for (auto& image : request_.images) *request.add_images() = std::move(image);
  request.set_client_type(ls::CLIENT_TYPE_IDE);
  auto* planner = request.mutable_cascade_config()->mutable_planner_config();
  *planner->mutable_requested_model() = request_.model;
  planner->mutable_conversational();
  if (request_.max_output_tokens != 0) planner->set_max_output_tokens(request_.max_output_tokens);
  sent_ = true;  // set even if the call fails, because the server may run it
  const auto answer = co_await calls().send_message(std::move(request));
  if (answer.has_error()) co_return answer.error();
  co_return rpc_result<void>();
}

asio::awaitable<net::result<std::span<const event>>> turn::next() {
  if (aborted_.code) {
    fail(aborted_);
    co_return failure_.code;
  }
  auto events = co_await updates_->next();
  if (events.has_value()) {
    alarm_->hear();
    co_await answer_waiting(*events);
    co_return events;
  }
  if (events.error() == asio::error::eof) {
    ended_ = true;
    co_return events;
  }
  fail(aborted_.code ? aborted_ : updates_->failure());
  co_return failure_.code;
}

asio::awaitable<void> turn::answer_waiting(std::span<const event> events) {
  for (const auto& each : events) {
    if (const auto* step = std::get_if<waiting>(&each)) co_await permit(*step);
  }
}

asio::awaitable<void> turn::permit(const waiting& step) {
  const auto verdict = request_.permissions.of(step.kind);
  if (hooks_.on_permission) hooks_.on_permission(cascade_id(), step, verdict);
  if (verdict == permission::report) co_return;
  auto interaction = answer_to(step, verdict == permission::allow);
  if (!interaction) {
    co_await calls().cancel(request_.cascade_id);
    co_return;
  }
  ls::HandleCascadeUserInteractionRequest request;
  request.set_cascade_id(request_.cascade_id);
  *request.mutable_interaction() = std::move(*interaction);
  co_await calls().answer_interaction(
      std::move(request));  // a failure shows by itself: the step keeps waiting, or the call ends
}

void turn::fail(rpc_failure failure) {
  servers_.failed(*where_.session, failure);
  failure_ = std::move(failure);
}

void turn::abort(rpc_failure why) {
  if (!aborted_.code) aborted_ = std::move(why);
  if (updates_) updates_->interrupt();
}

asio::awaitable<void> turn::leave() {
  // A client that disconnects cancels its coroutine. This part must run all the same.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (alarm_) alarm_->stop();
  if (sent_ && !std::exchange(ended_, true)) co_await calls().cancel(request_.cascade_id);
  if (updates_) co_await updates_->close();
}

}  // namespace cascade
