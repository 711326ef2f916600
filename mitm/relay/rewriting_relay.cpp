#include "mitm/relay/rewriting_relay.hpp"

#include <exception>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "mitm/relay/relay_rules.hpp"

namespace mitm {

using clock = net::watchdog::clock;

rewriting_relay::rewriting_relay(net::tls_stream& downstream, net::tls_stream& upstream, setup with)
    : with_(std::move(with)),
      executor_(downstream.socket().get_executor()),
      downstream_(downstream, executor_),
      upstream_(upstream, executor_),
      watchdog_(executor_, [this] { expire(); }) {}

asio::awaitable<relay_report> rewriting_relay::run() {
  sign_of_life();
  {
    std::stop_callback on_drain(with_.draining, [this] { asio::post(executor_, [this] { drain(); }); });
    const auto part = [this](asio::awaitable<void> what) {
      return asio::co_spawn(executor_, std::move(what), asio::deferred);
    };
    auto [order, a, b, c, d] = co_await asio::experimental::make_parallel_group(
                                   part(read_from(side::downstream)), part(read_from(side::upstream)),
                                   part(write_to(side::downstream)), part(write_to(side::upstream)))
                                   .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const auto& error : {a, b, c, d}) {
      if (error) std::rethrow_exception(error);
    }
  }
  const auto [outcome, cause] = end_after(report_.failure);
  with_.rewriter.close(outcome, cause);
  report_.bytes_up = downstream_.bytes;
  report_.bytes_down = upstream_.bytes;
  // A drain that was posted before the callback went must run before this object dies; the strand keeps the order.
  if (with_.draining.stop_requested()) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::post(executor_, asio::use_awaitable);
    co_await asio::this_coro::throw_if_cancelled(true);
  }
  co_return std::move(report_);
}

asio::awaitable<void> rewriting_relay::read_from(side from) {
  net::tls_stream& source = at(from).stream;
  for (unsigned moved = 0; !finished_;) {
    if (with_.rewriter.full(from)) co_await until_room(from);
    if (finished_) co_return;
    const auto block = net::scratch_block();
    const net::io_step got = read_what_is_there(source, block);
    if (got.bytes != 0) take_in(from, {block.data(), got.bytes});
    if (got.error) co_return end_of(from, got.error);
    if (got.bytes != 0) {
      if (++moved % burst == 0 || worked_ > work_turn) {
        worked_ = {};
        co_await asio::post(executor_, asio::deferred);
      }
      if (got.bytes == block.size() || source.buffered()) continue;
    }
    if (finished_) co_return;
    source.release_buffers();
    auto [error] = co_await source.socket().async_wait(net::wait_type(got.next), asio::as_tuple(asio::deferred));
    if (error) co_return fail(from, error);
  }
}

asio::awaitable<void> rewriting_relay::until_room(side from) {
  while (!finished_ && with_.rewriter.full(from)) co_await at(from).room.wait();
}

asio::awaitable<void> rewriting_relay::write_to(side to) {
  leg& target = at(to);
  while (!finished_) {
    const std::string bytes = with_.rewriter.take(to);
    if (bytes.empty()) {
      if (with_.rewriter.ended(to)) co_return shut(to);
      if (draining_ && to == side::downstream && idle()) co_return end_at_once();
      co_await target.work.wait();
      continue;
    }
    if (auto error = co_await net::write_all(target.stream, bytes)) co_return fail(to, error);
    sign_of_life();
    wake();
  }
}

void rewriting_relay::take_in(side from, std::string_view bytes) {
  at(from).bytes += bytes.size();
  const auto began = clock::now();
  with_.rewriter.feed(from, bytes);
  worked_ += clock::now() - began;
  if (const auto why = with_.rewriter.detached_reason(); !why.empty() && !std::exchange(detached_told_, true)) {
    if (with_.on_detached) with_.on_detached(why);
  }
  sign_of_life();
  wake();
}

/// Taking from one side can make room, and work, on both.
void rewriting_relay::wake() {
  for (leg* each : {&downstream_, &upstream_}) {
    each->work.notify();
    each->room.notify();
  }
}

void rewriting_relay::end_of(side from, boost::system::error_code error) {
  if (finished_) return;
  leg& opposite = at(from == side::downstream ? side::upstream : side::downstream);
  // Some answer an end with an alert or a reset: by then nothing can be lost.
  if (!is_end(error) && opposite.ended && idle()) return finish();
  if (!is_end(error)) return fail(from, error);
  at(from).ended = true;
  at(from).how = error;
  if (!report_.ended_first) report_.ended_first = from;
  with_.rewriter.feed_end(from, error == asio::error::eof);
  sign_of_life();
  wake();
}

/// All that there was for `to` has left.
void rewriting_relay::shut(side to) {
  const leg& source = at(to == side::downstream ? side::upstream : side::downstream);
  at(to).shut = true;
  end_direction(at(to).stream, source.how ? source.how : boost::system::error_code(asio::error::eof));
  if (downstream_.shut && upstream_.shut) return finish();
  sign_of_life();
}

void rewriting_relay::expire() {
  if (const auto silent = silent_side(with_.rewriter.current(), downstream_.ended, upstream_.ended)) {
    return fail(*silent, asio::error::timed_out);
  }
  end_direction(downstream_.stream, asio::error::eof);
  end_direction(upstream_.stream, asio::error::eof);
  finish();
}

/// The writer to the client sees to it, once all answers have left.
void rewriting_relay::drain() {
  draining_ = true;
  wake();
}

void rewriting_relay::end_at_once() {
  end_direction(downstream_.stream, asio::error::eof);
  finish();
}

void rewriting_relay::sign_of_life() {
  watchdog_.expect(limit_now(), clock::now());
}

std::chrono::milliseconds rewriting_relay::limit_now() const {
  if ((upstream_.ended || downstream_.ended) && idle()) return with_.bounds.half_close;
  return limit_of(with_.bounds, with_.rewriter.current());
}

void rewriting_relay::fail(side which, boost::system::error_code code) {
  if (finished_) return;
  report_.may_answer = code == asio::error::timed_out && with_.rewriter.may_answer();
  report_.failure = failure_of(which, with_.rewriter.current(), code, at(which).stream.why());
  finish();
}

void rewriting_relay::finish() {
  if (std::exchange(finished_, true)) return;
  boost::system::error_code ignored;
  downstream_.stream.socket().cancel(ignored);
  upstream_.stream.socket().cancel(ignored);
  watchdog_.stop();
  wake();
}

}  // namespace mitm
