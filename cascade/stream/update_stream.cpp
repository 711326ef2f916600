#include "cascade/stream/update_stream.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cascade/stream/update_stream_poll.hpp"

namespace cascade {
namespace {

asio::awaitable<rpc_result<void>> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  const auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (stopped) co_return rpc_failure{stopped, {}};
  co_return rpc_result<void>();
}

bool cancelled(const rpc_failure& failure) {
  return failure.code == asio::error::operation_aborted;
}

bool unreachable(const rpc_failure& failure) {
  return cancelled(failure) || failure.code == rpc_errc::unavailable || failure.code == asio::error::timed_out;
}

}  // namespace

update_stream::update_stream(client& server, std::string cascade_id, stream_kind_memory& kinds, follow_options options)
    : client_(server),
      cascade_id_(std::move(cascade_id)),
      kinds_(kinds),
      options_(std::move(options)),
      view_(options_.limits.view),
      reducer_(options_.first_step) {}

update_stream::~update_stream() = default;

asio::awaitable<net::result<std::span<const event>>> update_stream::next() {
  while (!failure_.code && !reducer_.ended()) {
    const auto batch = co_await advance();
    if (batch.has_error()) {
      failure_ = batch.error();
    } else if (!batch->empty()) {
      progressed();
      co_return *batch;
    }
  }
  co_return failure_.code ? failure_.code : make_error_code(asio::error::eof);
}

asio::awaitable<void> update_stream::close() {
  if (const auto source = std::exchange(source_, nullptr)) co_await source->close();
}

asio::awaitable<update_stream::events> update_stream::advance() {
  if (reducer_.awaits_late_flush()) co_return co_await read_late_steps();
  late_reads_ = 0;
  if (!source_) {
    const auto subscribed = co_await subscribe_again();
    if (subscribed.has_error()) co_return subscribed.error();
  }
  const auto what = co_await source_->next(view_);
  if (what.has_value()) co_return reducer_.apply(view_.state(), *what);
  if (cancelled(what.error())) co_return what.error();
  co_return co_await recover(what.error());
}

asio::awaitable<update_stream::events> update_stream::read_late_steps() {
  if (late_reads_ >= options_.limits.late_reads) co_return reducer_.end_now(view_.state());
  if (late_reads_++ > 0) {
    const auto paused = co_await pause(options_.limits.late_read_every);
    if (paused.has_error()) co_return paused.error();
  }
  const std::uint32_t offset = first_open_step(view_.state(), options_.first_step);
  auto answer = co_await client_.steps(cascade_id_, offset);
  if (answer.has_value()) {
    co_return reducer_.apply(view_.state(), view_.apply_steps(offset, std::move(*answer)));
  }
  if (unreachable(answer.error())) co_return answer.error();
  // A server that refuses to answer will not say more.
  co_return reducer_.end_now(view_.state());
}

asio::awaitable<rpc_result<void>> update_stream::subscribe_again() {
  const auto paused = co_await pause_if_due();
  if (paused.has_error()) co_return paused.error();
  kind_ = kinds_.current();
  if (kind_ == stream_kind::polling && options_.on_kind) {
    options_.on_kind(kind_, "the server pushes nothing: its steps are polled");
  }
  source_ = subscribe(kind_, client_, cascade_id_, options_.first_step, options_.limits.poll);
  co_return rpc_result<void>();
}

asio::awaitable<rpc_result<void>> update_stream::pause_if_due() {
  const auto& limits = options_.limits;
  if (fruitless_subscriptions_ <= limits.subscriptions_at_once) co_return rpc_result<void>();
  const unsigned doublings = std::min(fruitless_subscriptions_ - limits.subscriptions_at_once - 1, 16u);
  co_return co_await pause(std::min(limits.pause_first * (1u << doublings), limits.pause_most));
}

asio::awaitable<update_stream::events> update_stream::recover(rpc_failure failure) {
  if (!fall_back(failure) && !may_resubscribe(failure)) co_return failure;
  co_await close();
  co_return reducer_.apply(view_.state(), view_.reset());
}

bool update_stream::fall_back(const rpc_failure& failure) {
  const auto worse = kind_after(kind_, failure);
  if (!worse) return false;
  kinds_.refused_down_to(*worse);
  if (options_.on_kind) options_.on_kind(*worse, failure.message);
  return true;
}

bool update_stream::may_resubscribe(const rpc_failure& failure) {
  if (failure.code == errc::too_large) return false;
  const bool refused = failure.code.category() == cascade_category();
  if (!refused && failure.code != asio::error::eof) return false;
  ++fruitless_subscriptions_;
  return !refused || ++refused_updates_ <= options_.limits.refused_updates_at_most;
}

void update_stream::progressed() {
  fruitless_subscriptions_ = 0;
  refused_updates_ = 0;
  if (source_) source_->useful();
}

}  // namespace cascade
