#include "mitm/relay/relay.hpp"

#include <exception>
#include <span>
#include <string>
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

std::string words(net::tls_stream& stream) {
  return stream.why();
}
std::string words(net::plain_stream&) {
  return {};
}

}  // namespace

template <class Stream>
relay<Stream>::relay(Stream& downstream, Stream& upstream, relay_setup setup)
    : downstream_{downstream},
      upstream_{upstream},
      setup_(std::move(setup)),
      executor_(downstream.socket().get_executor()),
      watchdog_(executor_, [this] { expire(); }) {}

template <class Stream>
asio::awaitable<relay_report> relay<Stream>::run() {
  sign_of_life();
  {
    std::stop_callback on_drain(setup_.draining, [this] { asio::post(executor_, [this] { drain(); }); });
    auto [order, down, up] = co_await asio::experimental::make_parallel_group(
                                 asio::co_spawn(executor_, pump(side::downstream), asio::deferred),
                                 asio::co_spawn(executor_, pump(side::upstream), asio::deferred))
                                 .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const auto& error : {down, up}) {
      if (error) std::rethrow_exception(error);
    }
  }
  if (setup_.tracker != nullptr && !report_.stale) {
    const auto [outcome, cause] = end_after(report_.failure);
    setup_.tracker->close(outcome, cause);
  }
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

template <class Stream>
asio::awaitable<void> relay<Stream>::pump(side sender) {
  Stream& source = leg_of(sender).stream;
  Stream& target = opposite(sender).stream;
  for (unsigned moved = 0; !finished_;) {
    const auto block = net::scratch_block();
    // What the client sent earlier goes first.
    std::string said = sender == side::downstream ? std::exchange(setup_.first, {}) : std::string();
    const net::io_step got = said.empty() ? read_what_is_there(source, block) : net::io_step::moved(said.size());
    const std::string_view bytes = said.empty() ? std::string_view(block.data(), got.bytes) : std::string_view(said);
    if (setup_.used_before && (got.bytes != 0 || got.error) && !may_begin(sender, bytes)) co_return;
    if (got.bytes != 0) {
      handed_on handed = hand_on(sender, bytes);
      if (!handed.rest.empty()) {
        leg_of(sender).blocked = true;
        handed.error = co_await net::write_all(target, handed.rest);
        leg_of(sender).blocked = false;
      }
      if (!passed(sender, handed.error)) co_return;
    }
    if (got.error) co_return end_of(sender, got.error);
    if (got.bytes != 0) {
      if (++moved % burst == 0 || tapped_ > work_turn) {
        tapped_ = {};
        co_await asio::post(executor_, asio::deferred);
      }
      // After a full block or a started record there is probably more to read at once.
      if (got.bytes == block.size() || source.buffered()) continue;
    }
    if (finished_) co_return;
    source.release_buffers();
    // Wait right here: a separate coroutine would cost a frame per event and per idle connection.
    auto [error] = co_await source.socket().async_wait(net::wait_type(got.next), asio::as_tuple(asio::deferred));
    if (error) co_return fail(sender, error);
  }
}

/// Writes a block to the other side without waiting, then shows it to the tracker. Returns a copy of what could not be
/// written at once, because the block is the thread's scratch buffer and is lost at the next suspension.
template <class Stream>
typename relay<Stream>::handed_on relay<Stream>::hand_on(side sender, std::string_view bytes) {
  leg_of(sender).bytes += bytes.size();
  const net::io_step put = opposite(sender).stream.write(bytes);
  handed_on result{put.error, {}};
  if (!put.error && put.bytes < bytes.size()) result.rest = bytes.substr(put.bytes);
  show(sender, bytes);
  return result;
}

/// Handles the result of passing on a block of `sender`. False: the connection is over.
template <class Stream>
bool relay<Stream>::passed(side sender, boost::system::error_code error) {
  if (error) {
    fail(sender == side::downstream ? side::upstream : side::downstream, error);
    return false;
  }
  sign_of_life();
  if (draining_) drain();
  return !finished_;
}

template <class Stream>
void relay<Stream>::show(side sender, std::string_view bytes) {
  if (setup_.tracker == nullptr || setup_.tracker->detached()) return;
  const auto began = clock::now();
  setup_.tracker->observe(sender, bytes);
  tapped_ += clock::now() - began;
  if (setup_.tracker->detached() && setup_.on_detached) setup_.on_detached(setup_.tracker->detached_reason());
}

/// Checks the first bytes on a connection whose upstream has served another client. False: the origin has sent
/// something, which belongs to nobody.
template <class Stream>
bool relay<Stream>::may_begin(side sender, std::string_view bytes) {
  if (finished_) return false;
  const bool leaves = sender == side::downstream && bytes.empty();
  if (!leaves && (sender == side::upstream || !net::is_quiet(upstream_.stream))) {
    report_.stale = true;
    report_.unsent = sender == side::downstream ? std::string(bytes) : std::string();
    finish();
    return false;
  }
  setup_.used_before = false;
  return true;
}

template <class Stream>
void relay<Stream>::end_of(side sender, boost::system::error_code error) {
  if (finished_) return;
  // Some peers react to an end with an alert or a reset, especially without close_notify. By then nothing can be lost.
  if (!is_end(error) && opposite(sender).ended && nothing_in_flight()) return finish();
  if (!is_end(error)) return fail(sender, error);
  leg_of(sender).ended = true;
  if (!report_.ended_first) report_.ended_first = sender;
  if (sender == side::downstream && leave_upstream()) return finish();
  end_direction(opposite(sender).stream, error);
  if (setup_.tracker != nullptr) {
    // RFC 9112 §9.8: a body that lasts until close is whole only if TLS was closed properly.
    if (sender == side::upstream && error != asio::error::eof) {
      setup_.tracker->close(exchange_outcome::upstream_aborted, error.message());
    } else {
      setup_.tracker->observe_end(sender);
    }
  }
  if (opposite(sender).ended) return finish();
  sign_of_life();
}

/// True: the client has gone, and the origin has not been told.
template <class Stream>
bool relay<Stream>::leave_upstream() {
  if (setup_.tracker == nullptr || upstream_.ended || upstream_.blocked) return false;
  const auto until = last_life_ + setup_.tracker->reusable_for(setup_.keep_upstream);
  if (until <= clock::now()) return false;
  end_direction(downstream_.stream, asio::error::eof);
  report_.upstream_good_until = until;
  return true;
}

template <class Stream>
void relay<Stream>::expire() {
  if (const auto silent = silent_side(phase(), downstream_.ended, upstream_.ended)) {
    return fail(*silent, asio::error::timed_out);
  }
  end_direction(downstream_.stream, asio::error::eof);
  end_direction(upstream_.stream, asio::error::eof);
  finish();
}

template <class Stream>
void relay<Stream>::drain() {
  draining_ = true;
  if (!finished_ && nothing_in_flight()) {
    end_direction(downstream_.stream, asio::error::eof);
    finish();
  }
}

template <class Stream>
void relay<Stream>::sign_of_life() {
  last_life_ = clock::now();
  watchdog_.expect(limit_now(), last_life_);
}

template <class Stream>
std::chrono::milliseconds relay<Stream>::limit_now() const {
  const limits& bounds = setup_.bounds;
  if ((upstream_.ended || downstream_.ended) && nothing_in_flight()) return bounds.half_close;
  return limit_of(bounds, phase());
}

template <class Stream>
bool relay<Stream>::nothing_in_flight() const {
  return phase() == connection_tracker::phase::idle;
}

template <class Stream>
connection_tracker::phase relay<Stream>::phase() const {
  return setup_.tracker == nullptr ? connection_tracker::phase::tunnel : setup_.tracker->current();
}

template <class Stream>
void relay<Stream>::fail(side which, boost::system::error_code code) {
  if (finished_) return;
  report_.may_answer = code == asio::error::timed_out && setup_.tracker != nullptr && setup_.tracker->may_answer();
  report_.failure = failure_of(which, phase(), code, words(leg_of(which).stream));
  finish();
}

template <class Stream>
void relay<Stream>::finish() {
  if (std::exchange(finished_, true)) return;
  boost::system::error_code ignored;
  downstream_.stream.socket().cancel(ignored);
  upstream_.stream.socket().cancel(ignored);
  watchdog_.stop();
}

template class relay<net::tls_stream>;
template class relay<net::plain_stream>;

}  // namespace mitm
