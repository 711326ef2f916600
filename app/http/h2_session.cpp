#include "app/http/h2_session.hpp"

#include <array>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/http/h2_exchange.hpp"
#include "net/as_result.hpp"
#include "net/by.hpp"

namespace app {
namespace {

constexpr std::chrono::hours for_ever{24 * 365};

h2_protocol::limits limits_of(const api_settings& settings) {
  const auto& limits = settings.limits;
  return {static_cast<std::uint32_t>(limits.h2_streams), limits.head_size, limits.body_size, settings.held};
}

asio::awaitable<net::result<int>> room_to_write(api_socket& socket) {
  auto [error] = co_await socket.async_wait(api_socket::wait_write, net::as_result);
  if (error) co_return error;
  co_return 0;
}

asio::awaitable<bool> was_cancelled() {
  co_return (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
}

}  // namespace

h2_session::h2_session(api_connection& peer, asio::any_io_executor strand)
    : peer_(peer),
      strand_(strand),
      protocol_(limits_of(peer.service.settings)),
      tasks_(strand,
             [&service = peer.service](const std::string& what) {
               if (service.settings.on_fault) service.settings.on_fault({}, what);
             }),
      watchdog_(strand, [this] { expired(); }) {}

asio::awaitable<next_step> h2_session::run() {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await read_all();
  end();
  watchdog_.stop();
  protocol_.abandon();
  read_away();
  // Unwatched routes end by themselves, unless a shutdown cancels them.
  if (!co_await was_cancelled()) co_await tasks_.join();
  if (!co_await was_cancelled()) co_return last_;
  tasks_.cancel();
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await tasks_.join();
  co_return next_step::close;
}

/// Closing with unread input makes the kernel reset the connection, and the client would lose our GOAWAY.
void h2_session::read_away() {
  std::array<char, 16'384> waste;
  boost::system::error_code error;
  for (int i = 0; i < 16 && !error; ++i) peer_.socket.read_some(asio::buffer(waste), error);
}

asio::awaitable<void> h2_session::read_all() {
  for (;;) {
    const auto bytes = peer_.buffer.data();
    protocol_.feed({static_cast<const char*>(bytes.data()), bytes.size()});
    peer_.buffer.consume(bytes.size());
    start_requests();
    pump();
    if (ended_) co_return;
    watch();
    auto [error, size] =
        co_await peer_.socket.async_read_some(peer_.buffer.prepare(api_connection::read_ahead), net::as_result);
    if (error && !ended_) last_ = next_step::close;  // the client has gone
    if (error || ended_) co_return;
    peer_.buffer.commit(size);
  }
}

void h2_session::start_requests() {
  for (auto& each : protocol_.requests()) {
    if (each->closed) continue;  // reset by bytes that came with it
    // Streams that the client has reset no longer count for the protocol, but their tasks may still be running.
    if (serving_ >= 2 * peer_.limits().h2_streams) {
      protocol_.reset(*each, NGHTTP2_REFUSED_STREAM);
    } else {
      ++serving_;
      tasks_.spawn(strand_, serve_h2_stream(*this, std::move(each)));
    }
  }
}

void h2_session::pump() {
  while (!blocked_ && !ended_) {
    if (out_.empty()) protocol_.take(out_);
    if (out_.empty()) break;
    boost::system::error_code error;
    sent_ += peer_.socket.write_some(asio::buffer(out_) + sent_, error);
    if (error == asio::error::would_block) {
      blocked_ = true;
      tasks_.spawn(strand_, go_on_when_writable());
    } else if (error) {
      last_ = next_step::close;
      end();
    } else if (sent_ == out_.size()) {
      out_.clear();
      sent_ = 0;
    }
  }
  if (blocked_ || ended_) return;
  watch();
  if (protocol_.over()) end();
}

asio::awaitable<void> h2_session::go_on_when_writable() {
  const auto room = co_await net::by(net::after(peer_.limits().write), room_to_write(peer_.socket));
  blocked_ = false;
  if (room.has_value()) co_return pump();
  if (!ended_) last_ = next_step::reset;
  end();
}

/// Without a stream limits.api_idle applies, and while a head arrives limits.api_head. Streams have their own limits.
void h2_session::watch() {
  const auto head = protocol_.head_under_way();
  const bool without_request = protocol_.open() == idle_sockets_ + (head != 0 ? 1u : 0u) && serving_ == idle_sockets_;
  without_request ? peer_.place.wait() : peer_.place.serve();
  const auto awaited = head != 0 ? head : protocol_.open() == 0 ? no_stream : nothing;
  if (std::exchange(awaited_, awaited) == awaited || ended_) return;
  const std::chrono::milliseconds limit = awaited == nothing     ? for_ever
                                          : awaited == no_stream ? peer_.limits().idle
                                                                 : peer_.limits().head;
  watchdog_.expect(limit, net::watchdog::clock::now());
}

void h2_session::expired() {
  if (awaited_ == no_stream) return leave();
  if (awaited_ == nothing) return;
  protocol_.end(NGHTTP2_ENHANCE_YOUR_CALM);
  pump();
}

void h2_session::leave() {
  if (protocol_.open() == 0) last_ = next_step::close;
  protocol_.leave();
  for (const auto& [id, leave] : std::map(sockets_)) leave();
  pump();
}

void h2_session::add_socket(std::int32_t id, std::function<void()> leave) {
  sockets_.emplace(id, std::move(leave));
  socket_busy(false);
}

void h2_session::socket_busy(bool now) {
  now ? --idle_sockets_ : ++idle_sockets_;
  watch();
}

void h2_session::remove_socket(std::int32_t id) {
  sockets_.erase(id);
  socket_busy(true);
}

void h2_session::end() {
  if (std::exchange(ended_, true)) return;
  boost::system::error_code ignored;
  peer_.socket.cancel(ignored);
}

asio::awaitable<next_step> serve_api_h2(api_connection& peer) {
  const auto strand = co_await asio::this_coro::executor;
  const auto session = std::make_shared<h2_session>(peer, strand);
  peer.place.end_by([strand, weak = std::weak_ptr(session)] {
    asio::post(strand, [weak] {
      if (const auto open = weak.lock()) open->leave();
    });
  });
  co_return co_await session->run();
}

}  // namespace app
