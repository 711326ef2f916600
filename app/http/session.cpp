#include "app/http/session.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <sys/socket.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

#include "app/base/random_id.hpp"
#include "app/http/answer.hpp"
#include "app/http/connection.hpp"
#include "app/http/error_answer.hpp"
#include "app/http/exchange.hpp"
#include "app/http/h2_session.hpp"
#include "app/http/presence.hpp"
#include "app/http/socket_session.hpp"
#include "net/as_result.hpp"
#include "net/by.hpp"
#include "net/text/ascii.hpp"
#include "net/wire/message_head.hpp"

namespace app {
namespace {

namespace http = boost::beast::http;
using parser = http::request_parser<http::string_body>;
using clock = std::chrono::steady_clock;

// After an answer that ends the connection, discard the rest of the request for at most this long and this much.
// Closing with unread input would make the kernel reset the connection, and the client could lose the answer.
constexpr std::chrono::seconds linger_time{2};
constexpr std::size_t linger_bytes = 256ul << 20;

constexpr std::string_view h2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 §3.4

// The operations as results, so that net::by can limit them.

asio::awaitable<net::result<std::size_t>> input_arrives(api_connection& peer) {
  auto [error] = co_await peer.socket.async_wait(api_socket::wait_read, net::as_result);
  if (error) co_return error;
  co_return 1;
}

asio::awaitable<net::result<std::size_t>> read_head(api_connection& peer, parser& message) {
  auto [error, bytes] = co_await http::async_read_header(peer.socket, peer.buffer, message, net::as_result);
  if (error) co_return error;
  co_return bytes;
}

asio::awaitable<net::result<std::size_t>> read_body(api_connection& peer, parser& message,
                                                    net::memory_budget::share& held) {
  if (net::text::iequals(message.get()[http::field::expect], "100-continue")) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(peer.socket, asio::buffer(go_on), net::as_result);
  }
  while (!message.is_done()) {
    auto [error, bytes] = co_await http::async_read_some(peer.socket, peer.buffer, message, net::as_result);
    if (error) co_return error;
    if (!held.cover(message.get().body().size())) co_return make_error_code(boost::system::errc::not_enough_memory);
  }
  co_return message.get().body().size();
}

/// The answer to a request that could not be read; nullopt if the client has gone.
std::optional<api_response> answer_to(boost::system::error_code error, const api_limits& limits) {
  if (error == asio::error::timed_out) return to_response(request_timeout());
  if (error == boost::system::errc::not_enough_memory) return no_room_for_bodies();
  if (error == http::error::body_limit) return to_response(body_too_large(limits.body_size));
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return to_response(head_too_large(limits.head_size));
  }
  if (error == http::error::partial_message) return to_response(bad_request("The request ended before it was whole."));
  const bool syntax = error.category() == make_error_code(http::error::bad_version).category();
  if (!syntax || error == http::error::end_of_stream) return std::nullopt;
  return to_response(bad_request("The request is not valid HTTP/1.1: " + error.message() + '.'));
}

/// An HTTP/1.1 request whose head was read.
class h1_carrier final : public api_carrier {
 public:
  h1_carrier(api_connection& peer, parser& message, api_exchange exchange)
      : api_carrier(std::move(exchange)), peer_(peer), message_(message) {}

  asio::awaitable<body_result> body(bool expected) override {
    const bool short_one = !message_.chunked() && message_.content_length().value_or(0) <= read_at_once;
    if (!expected && !short_one) co_return to_response(body_too_large(read_at_once));
    net::memory_budget::share held(peer_.service.settings.held);
    const auto read = co_await net::by(net::after(peer_.limits().body), read_body(peer_, message_, held));
    exchange.keep_alive = read.has_value() && message_.get().keep_alive();
    if (read.has_error()) co_return answer_to(read.error(), peer_.limits());
    co_return received_body{std::move(message_.get().body()), std::move(held)};
  }

  asio::awaitable<next_step> answer(api_response made) override {
    return write_answer(peer_, std::move(made), exchange);
  }

  asio::awaitable<next_step> talk(const api_talk& talk, api_request request) override {
    auto skipped = co_await body(false);
    exchange.keep_alive = false;
    if (skipped.has_error() && !skipped.error()) co_return next_step::close;
    if (skipped.has_error()) co_return co_await answer(std::move(*skipped.error()));
    if (peer_.buffer.size() != 0) {  // RFC 6455 §4.1: the client waits for the answer
      co_return co_await answer(to_response(bad_request("A WebSocket begins after the answer to its handshake.")));
    }
    co_return co_await serve_socket(peer_, message_.get(), talk, std::move(request));
  }

  asio::awaitable<void> departure() override { return departure_of(peer_); }
  bool reserved() const override { return peer_.place.reserved(); }

 private:
  api_connection& peer_;
  parser& message_;
};

/// The fields that identify the client and the target. If one is repeated, two readers could read it differently.
constexpr std::array<std::string_view, 5> single_fields{"Authorization", "Origin", "Sec-Fetch-Site", "Content-Type",
                                                        "Content-Encoding"};

api_head head_of(const parser& message, const api_connection& peer) {
  const auto& fields = message.get();
  api_head head;
  head.method = fields.method_string();
  head.target = fields.target();
  head.http_1_0 = fields.version() < 11;
  const auto [first, last] = fields.equal_range(http::field::host);
  head.hosts = static_cast<std::size_t>(std::distance(first, last));
  head.host = fields[http::field::host];
  head.authorization = fields[http::field::authorization];
  head.origin = fields[http::field::origin];
  head.fetch_site = fields["Sec-Fetch-Site"];
  head.requested_headers = fields[http::field::access_control_request_headers];
  head.content_type = fields[http::field::content_type];
  head.content_encoding = fields[http::field::content_encoding];
  for (const auto name : single_fields) {
    if (fields.count(name) > 1) head.repeated = name;
  }
  head.socket = asks_for_socket(fields);
  head.local = peer.local;
  head.client = peer.client;
  return head;
}

asio::awaitable<next_step> refuse(api_connection& peer, boost::system::error_code error, api_exchange exchange) {
  auto answer = answer_to(error, peer.limits());
  if (answer && peer.place.ended()) answer = no_room_for_connections();  // it had to make room
  exchange.keep_alive = false;                                           // the start of the next request is unknown
  if (!answer) co_return next_step::close;
  co_return co_await write_answer(peer, std::move(*answer), exchange);
}

/// One request and its answer.
asio::awaitable<next_step> serve_one(api_connection& peer) {
  peer.place.wait();
  if (peer.buffer.size() == 0) {
    peer.buffer.shrink_to_fit();  // an idle connection holds no memory
    const auto begun = co_await net::by(net::after(peer.limits().idle), input_arrives(peer));
    if (begun.has_error()) co_return next_step::close;
  }
  api_exchange current{random_id("req_"), clock::now()};
  parser message;
  message.header_limit(static_cast<std::uint32_t>(peer.limits().head_size));
  message.body_limit(peer.limits().body_size);
  const auto read = co_await net::by(net::after(peer.limits().head), read_head(peer, message));
  if (read.has_error()) co_return co_await refuse(peer, read.error(), std::move(current));
  peer.place.serve();
  current.head_only = message.get().method() == http::verb::head;
  current.http_1_0 = message.get().version() < 11;
  // A refusal leaves the body unread, so another request can follow only if there is no body.
  current.keep_alive = message.is_done() && message.get().keep_alive();
  h1_carrier carrier(peer, message, std::move(current));
  const auto head = head_of(message, peer);
  co_return co_await serve_exchange(carrier, head, peer.service);
}

asio::awaitable<net::result<std::size_t>> read_away(api_connection& peer) {
  std::array<char, 16'384> waste;
  std::size_t total = 0;
  while (total < linger_bytes) {
    auto [error, bytes] = co_await peer.socket.async_read_some(asio::buffer(waste), net::as_result);
    if (error) break;
    total += bytes;
  }
  co_return total;
}

asio::awaitable<void> linger(api_connection& peer) {
  boost::system::error_code error;
  peer.socket.shutdown(api_socket::shutdown_send, error);
  if (!error) co_await net::by(net::after(linger_time), read_away(peer));
}

asio::awaitable<next_step> serve_http_1(api_connection& peer) {
  auto next = next_step::another;
  while (next == next_step::another) next = co_await serve_one(peer);
  co_return next;
}

/// How much of HTTP/2's preface has come; nullopt if the input is not the preface.
std::optional<std::size_t> preface_length(const api_connection& peer) {
  const std::string_view input(static_cast<const char*>(peer.buffer.data().data()), peer.buffer.size());
  const auto length = std::min(input.size(), h2_preface.size());
  return h2_preface.starts_with(input.substr(0, length)) ? std::optional(length) : std::nullopt;
}

enum class http_version : std::uint8_t { one, two };

/// Finds out the protocol by reading as many first bytes as needed.
asio::awaitable<net::result<http_version>> spoken_version(api_connection& peer) {
  auto deadline = net::after(peer.limits().idle);
  for (;;) {
    const auto arrived = co_await net::by(deadline, input_arrives(peer));
    if (arrived.has_error()) co_return arrived.error();
    if (peer.buffer.size() == 0) deadline = net::after(peer.limits().head);
    boost::system::error_code error;
    peer.buffer.commit(peer.socket.read_some(peer.buffer.prepare(api_connection::read_ahead), error));
    const auto length = preface_length(peer);
    if (length == h2_preface.size()) co_return http_version::two;
    if (!length || (error && error != asio::error::would_block)) co_return http_version::one;
  }
}

/// Like net::reset_on_close(). A Unix socket has no reset; its client sees that the answer is incomplete.
void reset_at_close(api_socket& socket) {
  const ::linger at_once{1, 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// Refuse the client before it sends anything.
asio::awaitable<next_step> turn_away(api_connection& peer) {
  co_await write_answer(peer, no_room_for_connections(), {random_id("req_"), clock::now()});
  co_await linger(peer);
  co_return next_step::close;
}

/// Serves all requests and returns how to end the connection.
asio::awaitable<next_step> serve_all(api_connection& peer) {
  auto next = next_step::close;
  try {
    if (peer.place.refused()) co_return co_await turn_away(peer);
    const auto version = co_await spoken_version(peer);
    if (version.has_error()) {
      if (peer.buffer.size() != 0) next = co_await refuse(peer, version.error(), {random_id("req_"), clock::now()});
    } else if (*version == http_version::two) {
      next = co_await serve_api_h2(peer);
    } else {
      next = co_await serve_http_1(peer);
    }
    if (next == next_step::linger) co_await linger(peer);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;  // otherwise cancelled by a shutdown
  }
  co_return next;
}

}  // namespace

asio::awaitable<void> serve_api_connection(api_socket socket, api_service& service) {
  api_connection peer(std::move(socket), service);
  boost::system::error_code ignored;
  if (!peer.client.unix_socket) peer.socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  peer.socket.non_blocking(true, ignored);  // so that an operation that need not wait costs only its system call
  if (co_await serve_all(peer) == next_step::reset) reset_at_close(peer.socket);
  if (service.settings.on_end) service.settings.on_end();
}

}  // namespace app
