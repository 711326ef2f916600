#include "app/http/socket_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include <sys/mman.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket.hpp>

#include "app/http/h2_tunnel.hpp"
#include "net/as_result.hpp"
#include "net/task_group.hpp"

namespace app {
namespace {

namespace websocket = boost::beast::websocket;
namespace http = boost::beast::http;
using clock = std::chrono::steady_clock;

constexpr std::size_t usual_size = 64 * 1024;  // of a message; memory beyond it goes back when one was longer
constexpr std::size_t key_length = 24;         // of Sec-WebSocket-Key: 16 bytes in base64
constexpr int window_bits = 12;                // of what we compress: a socket holds 24 KiB for it, and not 136
constexpr std::size_t worth_it = 128;          // bytes from which a message is compressed
constexpr auto try_again_later = static_cast<websocket::close_code>(1013);  // IANA, "WebSocket Close Code Number"

websocket::permessage_deflate compression() {
  websocket::permessage_deflate chosen;
  chosen.server_enable = true;
  chosen.server_max_window_bits = window_bits;
  chosen.compLevel = 3;
  chosen.msg_size_threshold = worth_it;
  return chosen;
}

/// Where a message is read to. Beast before 1.90 loses its place in a compressed message that fills its room (beast
/// issue 3028), so there is room for the longest message and more. Pages that no message has touched cost no memory.
class message_room {
 public:
  explicit message_room(std::size_t longest)
      : size_(longest + 1),
        bytes_(::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (bytes_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~message_room() { ::munmap(bytes_, size_); }
  message_room(const message_room&) = delete;
  message_room& operator=(const message_room&) = delete;

  asio::mutable_buffer behind(std::size_t used) const { return asio::buffer(bytes_, size_) + used; }

  /// The first `size` bytes as a text of their own.
  std::string take(std::size_t size) {
    std::string text(static_cast<const char*>(bytes_), size);
    if (size > usual_size) ::madvise(bytes_, size_, MADV_DONTNEED);
    return text;
  }

 private:
  std::size_t size_;
  void* bytes_;
};

/// Tells when something takes too long. One timer for all, which is not set anew for every message: it fires at most
/// once in the shortest limit, and looks at what is awaited now.
class deadlines {
 public:
  enum what : std::uint8_t { work, whole_message, room };  // the client's next message, its rest, room for ours

  /// `on_expiry` runs on `executor`, a strand, and not after the destruction.
  deadlines(asio::any_io_executor executor, std::function<void(what)> on_expiry)
      : state_(std::make_shared<state>(std::move(executor), std::move(on_expiry))) {}
  ~deadlines() {
    state_->on_expiry = nullptr;
    state_->timer.cancel();
  }
  deadlines(const deadlines&) = delete;
  deadlines& operator=(const deadlines&) = delete;

  void expect(what one, clock::duration limit) {
    state_->due[one] = clock::now() + limit;
    if (state_->due[one] < state_->timer.expiry()) arm(state_);
  }
  void met(what one) { state_->due[one] = clock::time_point::max(); }

 private:
  struct state {
    state(asio::any_io_executor executor, std::function<void(what)> called)
        : timer(std::move(executor), clock::time_point::max()), on_expiry(std::move(called)) {
      due.fill(clock::time_point::max());
    }
    asio::steady_timer timer;
    std::array<clock::time_point, 3> due;
    std::function<void(what)> on_expiry;
  };

  static void arm(const std::shared_ptr<state>& self) {
    self->timer.expires_at(*std::ranges::min_element(self->due));  // ends an earlier wait
    if (self->timer.expiry() == clock::time_point::max()) return;
    self->timer.async_wait([self](boost::system::error_code error) {
      if (error || !self->on_expiry) return;
      const auto first = std::ranges::min_element(self->due);
      if (clock::now() < *first) return arm(self);
      *first = clock::time_point::max();
      const auto called = self->on_expiry;
      called(static_cast<what>(first - self->due.begin()));
      if (self->on_expiry) arm(self);
    });
  }

  std::shared_ptr<state> state_;
};

/// What a socket needs of the connection that carries it.
struct socket_carrier {
  const api_settings& settings;
  std::string request_id;             // of the request that opened it
  std::function<void(bool)> on_busy;  // see web_socket::busy()
};

template <class Stream>
class socket_session final : public web_socket, public std::enable_shared_from_this<socket_session<Stream>> {
 public:
  socket_session(Stream stream, asio::any_io_executor strand, socket_carrier carrier)
      : strand_(strand),
        carrier_(std::move(carrier)),
        stream_(std::forward<Stream>(stream)),
        room_(carrier_.settings.limits.body_size),
        tasks_(strand, [this](const std::string& what) { report(what); }),
        free_(strand, clock::time_point::max()),
        closed_(strand, clock::time_point::max()),
        limits_(strand, [this](deadlines::what late) { expired(late); }) {
    const auto& limits = carrier_.settings.limits;
    stream_.set_option(compression());
    stream_.set_option(websocket::stream_base::timeout{limits.head, limits.idle, true});
    stream_.set_option(websocket::stream_base::decorator([id = carrier_.request_id](websocket::response_type& answer) {
      answer.set("x-request-id", id);
      answer.set(http::field::server, "zerogravity");  // instead of Beast and its version
    }));
    stream_.read_message_max(limits.body_size);
    stream_.auto_fragment(false);
  }

  /// From the handshake to the end.
  asio::awaitable<next_step> run(const upgrade_request& asked, const api_talk& talk, api_request request) {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto [refused] = co_await stream_.async_accept(asked, net::as_result);
    if (refused) co_return next_step::close;
    open_ = true;
    if (leaving_) close(websocket::close_code::going_away);
    expect_work();
    std::string fault;
    try {
      co_await talk(*this, std::move(request));
    } catch (const std::exception& error) {
      fault = error.what();
    }
    const bool cut_short = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
    if (!fault.empty() && !cut_short) report(fault);
    tasks_.cancel();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await tasks_.join();
    busy(false);
    if (cut_short) cut();
    close(fault.empty() ? websocket::close_code::normal : websocket::close_code::internal_error);
    while (!ended_) co_await closed_.async_wait(net::as_result);
    co_return next_step::close;
  }

  /// Ends it as soon as it is idle.
  void leave() {
    leaving_ = true;
    if (open_ && !busy_) close(websocket::close_code::going_away);
  }

  asio::awaitable<net::result<message>> read() override {
    message got{{}, false, net::memory_budget::share(carrier_.settings.held)};
    std::size_t size = 0;
    for (bool whole = false; !whole;) {
      auto [error, bytes] = co_await stream_.async_read_some(room_.behind(size), net::as_result);
      size += bytes;
      whole = !error && stream_.is_message_done();
      if (!error && !whole && !receiving_) limits_.expect(deadlines::whole_message, carrier_.settings.limits.body);
      receiving_ = !error && !whole;
      if (error) co_return error;
      if (!got.held.cover(size)) {
        close(try_again_later);
        co_return make_error_code(boost::system::errc::not_enough_memory);
      }
    }
    limits_.met(deadlines::whole_message);
    expect_work();
    got.text = room_.take(size);
    got.binary = stream_.got_binary();
    co_return got;
  }

  asio::awaitable<net::result<void>> write(std::string_view text) override {
    while (writing_ && !closing_) {  // Beast takes one message at a time
      co_await free_.async_wait(net::as_result);
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return make_error_code(asio::error::operation_aborted);
    }
    if (closing_) co_return make_error_code(asio::error::operation_aborted);
    writing_ = true;
    limits_.expect(deadlines::room, carrier_.settings.limits.write);
    auto [error, bytes] = co_await stream_.async_write(asio::buffer(text), net::as_result);
    limits_.met(deadlines::room);
    writing_ = false;
    free_.cancel_one();
    if (error) co_return error;
    co_return net::result<void>();
  }

  void spawn(asio::awaitable<void> task) override { tasks_.spawn(strand_, std::move(task)); }

  void busy(bool now) override {
    if (std::exchange(busy_, now) == now) return;
    carrier_.on_busy(now);
    expect_work();
    if (leaving_) leave();
  }

  bool leaving() const override { return leaving_; }

 private:
  void expect_work() {
    busy_ ? limits_.met(deadlines::work) : limits_.expect(deadlines::work, carrier_.settings.limits.idle);
  }

  void expired(deadlines::what late) {
    if (late != deadlines::work) return cut();
    if (receiving_) return;  // which has its own limit
    close(websocket::close_code::going_away);
  }

  /// The closing handshake (RFC 6455 §7), for which the client has as long as for the opening one.
  void close(websocket::close_code code) {
    if (std::exchange(closing_, true)) return;
    free_.cancel();
    stream_.async_close(code, [self = this->shared_from_this()](boost::system::error_code) {
      self->ended_ = true;
      self->closed_.cancel();
    });
  }

  void cut() { boost::beast::close_socket(boost::beast::get_lowest_layer(stream_)); }

  void report(const std::string& what) {
    if (carrier_.settings.on_fault) carrier_.settings.on_fault(carrier_.request_id, what);
  }

  asio::any_io_executor strand_;
  socket_carrier carrier_;
  websocket::stream<Stream> stream_;
  message_room room_;
  net::task_group tasks_;
  asio::steady_timer free_;    // cancelled once for each message that is out
  asio::steady_timer closed_;  // cancelled when it has ended
  deadlines limits_;
  bool open_ = false;  // the handshake is done
  bool busy_ = false;
  bool receiving_ = false;  // the first part of a message has come
  bool writing_ = false;
  bool leaving_ = false;
  bool closing_ = false;
  bool ended_ = false;
};

/// The handshake that Beast knows. The key only proves that an HTTP/1.1 server knows WebSocket.
upgrade_request as_http_1(const h2_request& head) {
  upgrade_request asked(http::verb::get, head.target, 11);
  asked.set(http::field::host, head.host);
  asked.set(http::field::upgrade, "websocket");
  asked.set(http::field::connection, "Upgrade");
  asked.set(http::field::sec_websocket_key, "AAAAAAAAAAAAAAAAAAAAAA==");
  asked.set(http::field::sec_websocket_version, head.socket_version);
  if (!head.socket_extensions.empty()) asked.set(http::field::sec_websocket_extensions, head.socket_extensions);
  return asked;
}

}  // namespace

bool asks_for_socket(const upgrade_request& request) {
  return websocket::is_upgrade(request) && request[http::field::sec_websocket_version] == "13" &&
         request[http::field::sec_websocket_key].size() == key_length;
}

asio::awaitable<next_step> serve_socket(api_connection& peer, const upgrade_request& asked, const api_talk& talk,
                                        api_request request) {
  const auto strand = co_await asio::this_coro::executor;
  const auto on_busy = [&peer](bool now) { now ? peer.place.serve() : peer.place.wait(); };
  socket_carrier carrier{peer.service.settings, request.request_id, on_busy};
  const auto session = std::make_shared<socket_session<api_socket>>(std::move(peer.socket), strand, std::move(carrier));
  on_busy(false);
  peer.place.end_by([strand, weak = std::weak_ptr(session)] {
    asio::post(strand, [weak] {
      if (const auto open = weak.lock()) open->leave();
    });
  });
  co_return co_await session->run(asked, talk, std::move(request));
}

asio::awaitable<next_step> serve_socket(h2_session& session, h2_stream& stream, const api_talk& talk,
                                        api_request request) {
  const auto strand = co_await asio::this_coro::executor;
  h2_tunnel tunnel(session, stream, strand);
  socket_carrier carrier{session.peer().service.settings, request.request_id,
                         [&session](bool now) { session.socket_busy(now); }};
  const auto talking = std::make_shared<socket_session<h2_tunnel>>(h2_tunnel(tunnel), strand, std::move(carrier));
  session.add_socket(stream.id, [weak = std::weak_ptr(talking)] {
    if (const auto open = weak.lock()) open->leave();
  });
  const auto asked = as_http_1(stream.head);
  co_await talking->run(asked, talk, std::move(request));
  session.remove_socket(stream.id);
  tunnel.detach();
  co_return stream.out_ended ? next_step::another : next_step::reset;
}

}  // namespace app
