#include "cascade/supervisor/supervisor_identity.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "net/descriptor.hpp"
#include "net/text/hex.hpp"

namespace cascade {

namespace {

template <std::size_t N>
std::array<unsigned char, N> random_bytes() {
  static_assert(N <= 256, "getrandom() gives up to 256 bytes in one piece");
  std::array<unsigned char, N> bytes{};
  if (::getrandom(bytes.data(), N, 0) != static_cast<ssize_t>(N))
    throw std::system_error(errno, std::system_category(), "getrandom");
  return bytes;
}

}  // namespace

std::string random_uuid() {
  auto bytes = random_bytes<16>();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string text = net::text::to_hex(bytes);
  for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
  return text;
}

std::string random_name() {
  return net::text::to_hex(random_bytes<8>());
}

std::uint16_t free_port() {
  const net::descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), generic, length) != 0 || ::getsockname(socket.get(), generic, &length) != 0) return 0;
  return ntohs(address.sin_port);
}

}  // namespace cascade
