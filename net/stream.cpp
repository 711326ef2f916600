#include "net/stream.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

namespace net {

namespace {

io_step failed(int code) {
  return io_step::failed({code, boost::system::system_category()});
}

bool would_block(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

}  // namespace

asio::awaitable<boost::system::error_code> wait_until(tcp::socket& socket, io_step::wait_for what) {
  auto [error] = co_await socket.async_wait(wait_type(what), asio::as_tuple(asio::deferred));
  co_return error;
}

void reset_on_close(tcp::socket& socket) {
  // Not with set_option(): Asio resets a linger option that it knows of when a destructor closes the socket.
  const linger at_once{1, 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

plain_stream::plain_stream(tcp::socket socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
}

io_step plain_stream::read(std::span<char> buffer) {
  const auto got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
  if (got > 0) return io_step::moved(static_cast<std::size_t>(got));
  if (got == 0) return io_step::failed(asio::error::eof);
  if (would_block(errno)) return io_step::blocked(io_step::wait_for::readable);
  return failed(errno);
}

io_step plain_stream::write(std::string_view bytes) {
  const auto put = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (put >= 0) return io_step::moved(static_cast<std::size_t>(put));
  if (would_block(errno)) return io_step::blocked(io_step::wait_for::writable);
  return failed(errno);
}

void plain_stream::shutdown_send() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

std::span<char> scratch_block() {
  thread_local std::array<char, 16 * 1024> block;
  return block;
}

}  // namespace net
