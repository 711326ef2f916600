#include "net/inspect.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

#include "net/stream.hpp"

namespace net {

namespace {

// Room for a ClientHello of the largest size with the headers of the records it is cut into.
constexpr std::size_t peek_size = wire::max_client_hello + 1024;

// Readiness is reported only once more bytes are there than were already looked at; without this a peeked socket would
// stay readable and the wait would spin.
void wake_above(tcp::socket& socket, std::size_t bytes) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::receive_low_watermark(static_cast<int>(bytes)), ignored);
}

bool has_ended(tcp::socket& socket) {
  pollfd look{socket.native_handle(), POLLRDHUP, 0};
  return ::poll(&look, 1, 0) == 1;
}

}  // namespace

asio::awaitable<result<wire::client_hello>> peek_client_hello(tcp::socket& socket) {
  thread_local std::array<std::byte, peek_size> prefix;
  std::size_t seen = 0;
  for (;;) {
    if (auto error = co_await wait_until(socket, io_step::wait_for::readable)) co_return error;
    const auto got = ::recv(socket.native_handle(), prefix.data(), prefix.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got < 0) {
      if (errno == EAGAIN || errno == EINTR) continue;
      co_return boost::system::error_code(errno, boost::system::system_category());
    }
    const auto have = static_cast<std::size_t>(got);
    // Nothing new is the end of the client's direction, or a wake-up from before the watermark was raised.
    if (have == seen && has_ended(socket)) co_return boost::system::error_code(asio::error::eof);
    if (have == seen) continue;
    seen = have;
    auto hello = wire::parse_client_hello({prefix.data(), seen});
    const bool whole = !hello.has_error() || hello.error() != wire::errc::need_more;
    if (whole || seen == prefix.size()) {
      wake_above(socket, 1);
      if (!whole) co_return boost::system::error_code(wire::errc::too_large);
      if (hello.has_error()) co_return hello.error();
      co_return std::move(*hello);
    }
    wake_above(socket, seen + 1);
  }
}

}  // namespace net
