#include "app/api_session.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

#include "app/api_admission.hpp"
#include "app/api_answer.hpp"
#include "app/api_body.hpp"
#include "app/api_connection.hpp"
#include "app/api_error.hpp"
#include "app/api_presence.hpp"
#include "app/random_id.hpp"
#include "net/by.hpp"
#include "net/stream.hpp"
#include "net/wire/message_head.hpp"

namespace app {
namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;
using parser = http::request_parser<http::string_body>;
using clock = std::chrono::steady_clock;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// After an answer that ends the connection: how long and how much the peer's rest of the request is read away, because
// closing with input unread makes the kernel reset the connection and the answer with it.
constexpr std::chrono::seconds linger_time{2};
constexpr std::size_t linger_bytes = 256ul << 20;

// The operations as values, so that net::by can limit them.

asio::awaitable<net::result<std::size_t>> input_arrives(api_connection& peer) {
  auto [error] = co_await peer.socket.async_wait(tcp::socket::wait_read, as_result);
  if (error) co_return error;
  co_return 1;
}

asio::awaitable<net::result<std::size_t>> read_head(api_connection& peer, parser& into) {
  auto [error, bytes] = co_await http::async_read_header(peer.socket, peer.buffer, into, as_result);
  if (error) co_return error;
  co_return bytes;
}

asio::awaitable<net::result<std::size_t>> read_body(api_connection& peer, parser& into) {
  if (net::wire::iequals(into.get()[http::field::expect], "100-continue")) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(peer.socket, asio::buffer(go_on), as_result);
  }
  auto [error, bytes] = co_await http::async_read(peer.socket, peer.buffer, into, as_result);
  if (error) co_return error;
  co_return bytes;
}

/// The answer to a request that could not be read; nothing where nobody is left to read it.
std::optional<api_response> answer_to(boost::system::error_code error, const api_limits& limits) {
  if (error == asio::error::timed_out) return to_response(request_timeout());
  if (error == http::error::body_limit) return to_response(body_too_large(limits.body_size));
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return to_response(head_too_large(limits.head_size));
  }
  if (error == http::error::partial_message) return to_response(bad_request("The request ended before it was whole."));
  const bool syntax = error.category() == make_error_code(http::error::bad_version).category();
  if (!syntax || error == http::error::end_of_stream) return std::nullopt;
  return to_response(bad_request("The request is not valid HTTP/1.1: " + error.message() + '.'));
}

asio::awaitable<next_step> refuse(api_connection& peer, boost::system::error_code error, api_exchange of) {
  auto answer = answer_to(error, peer.limits());
  of.keep_alive = false;  // where the next request would begin is unknown
  if (!answer) co_return next_step::close;
  co_return co_await write_answer(peer, std::move(*answer), of);
}

asio::awaitable<api_response> call(const api_connection& peer, const api_route& route, api_request request) {
  const auto id = request.request_id;
  std::string fault;
  try {
    co_return co_await route.answer(std::move(request));
  } catch (const std::exception& error) {
    fault = error.what();
  }
  // A shutdown that cuts the handler is not its fault, and nobody waits for the answer.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (peer.service.settings.on_fault) peer.service.settings.on_fault(id, fault);
  co_return to_response(server_error());
}

asio::awaitable<next_step> answer(api_connection& peer, const api_route& route, api_request request,
                                  const api_exchange& of) {
  auto made = co_await call(peer, route, std::move(request));
  co_return co_await write_answer(peer, std::move(made), of);
}

request_line line_of(const parser& from, const api_connection& peer) {
  const auto& head = from.get();
  boost::system::error_code ignored;
  request_line line;
  line.method = head.method_string();
  line.target = head.target();
  line.http_1_0 = head.version() < 11;
  line.hosts = static_cast<std::size_t>(
      std::distance(head.equal_range(http::field::host).first, head.equal_range(http::field::host).second));
  line.host = head[http::field::host];
  line.authorization = head[http::field::authorization];
  line.local = peer.socket.local_endpoint(ignored).address();
  return line;
}

/// The Origin of a web page that may ask; empty for any other.
std::string allowed_origin(const parser& from, const api_connection& peer) {
  const std::string_view origin = from.get()[http::field::origin];
  const auto& allowed = peer.service.settings.cors_origins;
  return std::ranges::find(allowed, origin) == allowed.end() ? std::string() : std::string(origin);
}

/// What a browser asks before it lets a page ask.
bool is_preflight(const parser& message, const api_exchange& of) {
  return message.get().method() == http::verb::options && !of.allowed_origin.empty();
}

api_response preflight_answer(const parser& message) {
  api_response answer{204, {}};
  answer.headers = {
      {"Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE"},
      {"Access-Control-Allow-Headers", std::string(message.get()[http::field::access_control_request_headers])},
      {"Access-Control-Max-Age", "600"}};
  return answer;
}

/// One request and its answer.
asio::awaitable<next_step> serve_one(api_connection& peer) {
  if (peer.buffer.size() == 0) {
    const auto begun = co_await net::by(net::after(peer.limits().idle), input_arrives(peer));
    if (begun.has_error()) co_return next_step::close;
  }
  api_exchange current{random_id("req_"), clock::now()};
  parser message;
  message.header_limit(static_cast<std::uint32_t>(peer.limits().head_size));
  message.body_limit(peer.limits().body_size);
  const auto head = co_await net::by(net::after(peer.limits().head), read_head(peer, message));
  if (head.has_error()) co_return co_await refuse(peer, head.error(), std::move(current));
  current.head_only = message.get().method() == http::verb::head;
  current.http_1_0 = message.get().version() < 11;
  // A refusal leaves the body unread, so the next request can follow only where there is none.
  current.keep_alive = message.is_done() && message.get().keep_alive();

  current.allowed_origin = allowed_origin(message, peer);
  if (is_preflight(message, current)) co_return co_await write_answer(peer, preflight_answer(message), current);
  auto admitted = admit(line_of(message, peer), peer.service.settings.routes, peer.service.key);
  if (admitted.has_error()) co_return co_await write_answer(peer, admitted.error(), current);
  const auto body = co_await net::by(net::after(peer.limits().body), read_body(peer, message));
  if (body.has_error()) co_return co_await refuse(peer, body.error(), std::move(current));

  current.keep_alive = message.get().keep_alive();
  admitted->request.request_id = current.request_id;
  admitted->request.content_type = message.get()[http::field::content_type];
  const auto codings = std::string(message.get()[http::field::content_encoding]);
  auto decoded = decode_body(codings, std::move(message.get().body()), peer.limits().body_size);
  if (decoded.has_error()) co_return co_await write_answer(peer, decoded.error(), current);
  admitted->request.body = std::move(*decoded);
  const auto& route = *admitted->route;
  auto work = answer(peer, route, std::move(admitted->request), current);
  if (route.watched) co_return co_await while_present(peer, std::move(work));
  co_return co_await std::move(work);
}

asio::awaitable<net::result<std::size_t>> read_away(api_connection& peer) {
  std::array<char, 16'384> waste;
  std::size_t total = 0;
  while (total < linger_bytes) {
    auto [error, bytes] = co_await peer.socket.async_read_some(asio::buffer(waste), as_result);
    if (error) break;
    total += bytes;
  }
  co_return total;
}

asio::awaitable<void> linger(api_connection& peer) {
  boost::system::error_code error;
  peer.socket.shutdown(tcp::socket::shutdown_send, error);
  if (!error) co_await net::by(net::after(linger_time), read_away(peer));
}

/// How the connection ends.
asio::awaitable<next_step> serve_all(api_connection& peer) {
  const open_sockets::entry entry(peer.service.sockets, peer.socket.native_handle());
  auto next = next_step::another;
  try {
    while (next == next_step::another) next = co_await serve_one(peer);
    if (next == next_step::linger) co_await linger(peer);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;  // cut by a shutdown
  }
  co_return next;
}

}  // namespace

asio::awaitable<void> serve_api_connection(tcp::socket socket, api_service& service) {
  api_connection peer(std::move(socket), service);
  boost::system::error_code ignored;
  peer.socket.set_option(tcp::no_delay(true), ignored);
  if (co_await serve_all(peer) == next_step::reset) net::reset_on_close(peer.socket);
}

}  // namespace app
