#include "test/sim/websocket/socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sim::websocket {
namespace {

namespace ws = beast::websocket;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// A message of up to this size is one frame, compressed or not.
constexpr std::size_t usual_frame = 64 * 1024;

// Beast before 1.90 loses its place in a compressed message that fills the room it is read into (beast issue 3028), so
// this is more than clients send.
constexpr std::size_t room_size = 4 * 1024 * 1024;

ws::permessage_deflate deflate_terms(const behaviour& asked) {
  ws::permessage_deflate terms;
  terms.server_enable = !asked.uncompressed;
  terms.server_max_window_bits = static_cast<int>(asked.server_bits);
  terms.client_max_window_bits = static_cast<int>(asked.client_bits);
  terms.server_no_context_takeover = asked.server_no_context;
  terms.client_no_context_takeover = asked.client_no_context;
  return terms;
}

}  // namespace

socket::socket(exchange& x, const behaviour& terms)
    : exchange_(x),
      stream_(x.stream()),
      room_(std::make_unique_for_overwrite<char[]>(room_size)),
      free_(x.stream().get_executor(), asio::steady_timer::time_point::max()) {
  stream_.set_option(deflate_terms(terms));
  stream_.set_option(ws::stream_base::decorator([](ws::response_type& head) {
    head.set("x-request-id", "req_socket");
    head.set("openai-version", "2020-10-01");
  }));
  stream_.read_message_max(0);
}

asio::awaitable<bool> socket::accept() {
  const http::request<http::empty_body> request(exchange_.head());
  const auto [error] = co_await stream_.async_accept(request, as_result);
  co_return !error;
}

asio::awaitable<bool> socket::read(std::string& message) {
  message.clear();
  do {
    const auto [error, size] = co_await stream_.async_read_some(asio::buffer(room_.get(), room_size), as_result);
    if (error) co_return false;
    message.append(room_.get(), size);
  } while (!stream_.is_message_done());
  co_return true;
}

asio::awaitable<void> socket::write(std::string_view message, bool pinged) {
  using asio::experimental::awaitable_operators::operator&&;
  auto whole = stream_.async_write(asio::buffer(message), asio::use_awaitable);
  if (!pinged) {
    co_await std::move(whole);
  } else {
    // Asked for while a frame is on its way, a ping is written as soon as that frame is out.
    co_await (std::move(whole) && stream_.async_ping("are you there", asio::use_awaitable));
  }
}

asio::awaitable<void> socket::send(std::string_view message, bool binary, const behaviour& how) {
  while (busy_) co_await free_.async_wait(as_result);
  busy_ = true;
  stream_.binary(binary);
  stream_.auto_fragment(how.fragment > 0);
  stream_.write_buffer_bytes(how.fragment > 0 ? how.fragment : usual_frame);
  std::exception_ptr failure;
  try {
    co_await write(message, how.ping);
  } catch (...) {
    failure = std::current_exception();
  }
  busy_ = false;
  free_.cancel();
  if (failure) std::rethrow_exception(failure);
}

void socket::cut() {
  exchange_.stream().lowest_layer().close();
}

}  // namespace sim::websocket
