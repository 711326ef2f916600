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

namespace {
using clock = net::watchdog::clock;
}

rewriting_relay::rewriting_relay(net::tls_stream& downstream, net::tls_stream& upstream, setup given)
    : setup_(std::move(given)),
      executor_(downstream.socket().get_executor()),
      downstream_(downstream, executor_),
      upstream_(upstream, executor_),
      watchdog_(executor_, [this] { expire(); }) {}

asio::awaitable<relay_report> rewriting_relay::run() {
  sign_of_life();
  {
    std::stop_callback on_drain(setup_.draining, [this] { asio::post(executor_, [this] { drain(); }); });
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
  setup_.rewriter.close(outcome, cause);
  report_.bytes_up = downstream_.bytes;
  report_.bytes_down = upstream_.bytes;
  // A drain that was posted before the callback was removed must run before this object is destroyed. The strand keeps
  // the order.
  if (setup_.draining.stop_requested()) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::post(executor_, asio::use_awaitable);
    co_await asio::this_coro::throw_if_cancelled(true);
  }
  co_return std::move(report_);
}

asio::awaitable<void> rewriting_relay::read_from(side sender) {
  net::tls_stream& source = leg_of(sender).stream;
  for (unsigned moved = 0; !finished_;) {
    if (setup_.rewriter.full(sender)) co_await until_room(sender);
    if (finished_) co_return;
    const auto block = net::scratch_block();
    const net::io_step got = read_what_is_there(source, block);
    if (got.bytes != 0) take_in(sender, {block.data(), got.bytes});
    if (got.error) co_return end_of(sender, got.error);
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
    if (error) co_return fail(sender, error);
  }
}

asio::awaitable<void> rewriting_relay::until_room(side sender) {
  while (!finished_ && setup_.rewriter.full(sender)) co_await leg_of(sender).room.wait();
}

asio::awaitable<void> rewriting_relay::write_to(side receiver) {
  leg& target = leg_of(receiver);
  while (!finished_) {
    const std::string bytes = setup_.rewriter.take(receiver);
    if (bytes.empty()) {
      if (setup_.rewriter.ended(receiver)) co_return shut(receiver);
      if (draining_ && receiver == side::downstream && idle()) co_return end_at_once();
      co_await target.work.wait();
      continue;
    }
    if (auto error = co_await net::write_all(target.stream, bytes)) co_return fail(receiver, error);
    sign_of_life();
    wake();
  }
}

void rewriting_relay::take_in(side sender, std::string_view bytes) {
  leg_of(sender).bytes += bytes.size();
  const auto began = clock::now();
  setup_.rewriter.feed(sender, bytes);
  worked_ += clock::now() - began;
  if (const auto why = setup_.rewriter.detached_reason(); !why.empty() && !std::exchange(detached_told_, true)) {
    if (setup_.on_detached) setup_.on_detached(why);
  }
  sign_of_life();
  wake();
}

/// Progress on one side can make room and work on both.
void rewriting_relay::wake() {
  for (leg* each : {&downstream_, &upstream_}) {
    each->work.notify();
    each->room.notify();
  }
}

void rewriting_relay::end_of(side sender, boost::system::error_code error) {
  if (finished_) return;
  leg& opposite = leg_of(sender == side::downstream ? side::upstream : side::downstream);
  // Some peers react to an end with an alert or a reset. By then nothing can be lost.
  if (!is_end(error) && opposite.ended && idle()) return finish();
  if (!is_end(error)) return fail(sender, error);
  leg_of(sender).ended = true;
  leg_of(sender).how = error;
  if (!report_.ended_first) report_.ended_first = sender;
  setup_.rewriter.feed_end(sender, error == asio::error::eof);
  sign_of_life();
  wake();
}

/// Everything for `receiver` has been sent.
void rewriting_relay::shut(side receiver) {
  const leg& source = leg_of(receiver == side::downstream ? side::upstream : side::downstream);
  leg_of(receiver).shut = true;
  end_direction(leg_of(receiver).stream, source.how ? source.how : boost::system::error_code(asio::error::eof));
  if (downstream_.shut && upstream_.shut) return finish();
  sign_of_life();
}

void rewriting_relay::expire() {
  if (const auto silent = silent_side(setup_.rewriter.current(), downstream_.ended, upstream_.ended)) {
    return fail(*silent, asio::error::timed_out);
  }
  end_direction(downstream_.stream, asio::error::eof);
  end_direction(upstream_.stream, asio::error::eof);
  finish();
}

/// The writer to the client ends the connection once all answers are sent.
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
  if ((upstream_.ended || downstream_.ended) && idle()) return setup_.bounds.half_close;
  return limit_of(setup_.bounds, setup_.rewriter.current());
}

void rewriting_relay::fail(side where, boost::system::error_code code) {
  if (finished_) return;
  report_.may_answer = code == asio::error::timed_out && setup_.rewriter.may_answer();
  report_.failure = failure_of(where, setup_.rewriter.current(), code, leg_of(where).stream.why());
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
