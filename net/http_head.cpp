#include "net/http_head.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>

#include "net/stream.hpp"

namespace net {
namespace {

/// Peeks first, then reads only up to the end of the head.
[[gnu::noinline]] io_step take_piece(int socket, std::string& head) {
  std::array<char, 2048> buffer;
  const auto got = ::recv(socket, buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
  if (got == 0) return io_step::failed(asio::error::eof);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return io_step::blocked(io_step::wait_for::readable);
  if (got < 0) return io_step::failed({errno, boost::system::system_category()});
  const auto before = head.size();
  head.append(buffer.data(), static_cast<std::size_t>(got));
  const auto end = head.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end != std::string::npos) head.resize(end + 4);
  ::recv(socket, buffer.data(), head.size() - before, MSG_DONTWAIT);
  return io_step::moved(head.size() - before);
}

}  // namespace

asio::awaitable<result<std::string>> take_http_head(tcp::socket& socket, std::size_t most) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const auto step = take_piece(socket.native_handle(), head);
    if (step.error) co_return step.error;
    if (head.size() > most) co_return boost::system::error_code(asio::error::message_size);
    if (step.next == io_step::wait_for::nothing) continue;
    if (auto error = co_await wait_until(socket, step.next)) co_return error;
  }
  co_return head;
}

}  // namespace net
