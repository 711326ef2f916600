#include "bench/probe/plain_end.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace bench {
namespace {

io outcome(ssize_t moved, std::size_t& bytes) {
  if (moved > 0) {
    bytes = static_cast<std::size_t>(moved);
    return io::moved;
  }
  return moved < 0 && (errno == EAGAIN || errno == EINTR) ? io::blocked : io::ended;
}

}  // namespace

plain_end::~plain_end() {
  ::close(descriptor_);
}

io plain_end::handshake() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&peer), &size) == 0) return io::moved;
  int error = 0;
  size = sizeof error;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? io::blocked : io::ended;
}

io plain_end::read(std::span<char> into, std::size_t& got) {
  return outcome(::recv(descriptor_, into.data(), into.size(), 0), got);
}

io plain_end::write(std::string_view bytes, std::size_t& put) {
  return outcome(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL), put);
}

void plain_end::shutdown() {
  ::shutdown(descriptor_, SHUT_WR);
}

}  // namespace bench
