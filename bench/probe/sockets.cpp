#include "bench/probe/sockets.hpp"

#include <linux/netfilter_ipv4.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace bench {
namespace {

void no_delay(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int new_socket() {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::runtime_error("no socket: raise the limit of open files");
  return made;
}

}  // namespace

void raise_file_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

sockaddr_in loopback(std::uint8_t last_byte, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(0x7f000000u + last_byte);
  return address;
}

int listen_at(sockaddr_in address) {
  const int made = new_socket();
  const int on = 1;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(made, 4096) != 0) {
    throw std::runtime_error("cannot listen");
  }
  return made;
}

int connect_to(sockaddr_in address, int mark) {
  const int made = new_socket();
  if (mark != 0 && ::setsockopt(made, SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0) {
    throw std::runtime_error("marking connections takes CAP_NET_ADMIN");
  }
  no_delay(made);
  ::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return made;
}

int accept_from(int listener) {
  const int got = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (got >= 0) no_delay(got);
  return got;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

sockaddr_in destination_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockopt(descriptor, SOL_IP, SO_ORIGINAL_DST, &address, &size);
  return address;
}

}  // namespace bench
