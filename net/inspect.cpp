#include "net/inspect.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

#include "net/stream.hpp"

namespace net {

namespace {

// Room for the largest ClientHello with its record headers.
constexpr std::size_t peek_size = wire::max_client_hello + 1024;

// Report readiness only once there are more bytes than were peeked before. Otherwise a peeked socket would stay
// readable and the wait would spin.
void wake_above(tcp::socket& socket, std::size_t bytes) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::receive_low_watermark(static_cast<int>(bytes)), ignored);
}

bool has_ended(tcp::socket& socket) {
  pollfd look{socket.native_handle(), POLLRDHUP, 0};
  return ::poll(&look, 1, 0) == 1;
}

struct peeked {
  std::size_t bytes = 0;
  boost::system::error_code error;  // would_block if there is nothing to read
  net::result<wire::client_hello> hello = boost::system::error_code(wire::errc::need_more);
};

// Not inlined into the coroutine: the addresses of errno and thread-local storage must not be kept across a suspension,
// after which another thread may run.
[[gnu::noinline]] peeked look(tcp::socket& socket) {
  thread_local std::array<std::byte, peek_size> prefix;
  peeked seen;
  const auto got = ::recv(socket.native_handle(), prefix.data(), prefix.size(), MSG_PEEK | MSG_DONTWAIT);
  if (got < 0) {
    const bool later = errno == EAGAIN || errno == EINTR;
    seen.error = later ? boost::system::error_code(asio::error::would_block)
                       : boost::system::error_code(errno, boost::system::system_category());
    return seen;
  }
  seen.bytes = static_cast<std::size_t>(got);
  seen.hello = wire::parse_client_hello({prefix.data(), seen.bytes});
  if (seen.bytes == prefix.size() && seen.hello.has_error() && seen.hello.error() == wire::errc::need_more) {
    seen.hello = boost::system::error_code(wire::errc::too_large);
  }
  return seen;
}

}  // namespace

asio::awaitable<result<wire::client_hello>> peek_client_hello(tcp::socket& socket) {
  for (std::size_t before = 0;;) {
    if (auto error = co_await wait_until(socket, io_step::wait_for::readable)) co_return error;
    peeked seen = look(socket);
    if (seen.error == asio::error::would_block) continue;
    if (seen.error) co_return seen.error;
    // No new bytes means that the client has ended its direction, or that the wake-up came before the watermark was
    // raised.
    if (seen.bytes == before && has_ended(socket)) co_return boost::system::error_code(asio::error::eof);
    const bool undecided = seen.hello.has_error() && seen.hello.error() == wire::errc::need_more;
    wake_above(socket, undecided ? seen.bytes + 1 : 1);
    if (!undecided) co_return std::move(seen.hello);
    before = seen.bytes;
  }
}

}  // namespace net
