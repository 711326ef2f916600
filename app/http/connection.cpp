#include "app/http/connection.hpp"

#include <algorithm>
#include <cstring>

#include <netinet/in.h>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

namespace app {
namespace {

constexpr std::size_t network_bytes = 8;  // of an address of IPv6

std::string network_of(const in6_addr& address) {
  asio::ip::address_v6::bytes_type bytes{};
  std::memcpy(bytes.data(), &address, network_bytes);
  return asio::ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace

std::string api_connection::client_name() {
  if (client.uid) return "uid " + std::to_string(*client.uid);
  boost::system::error_code gone;
  const auto remote = socket.remote_endpoint(gone);
  if (gone) return {};
  if (remote.protocol().family() == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, remote.data(), std::min(sizeof address, remote.size()));
    return asio::ip::address_v4(ntohl(address.sin_addr.s_addr)).to_string();
  }
  if (remote.protocol().family() != AF_INET6) return {};
  sockaddr_in6 address{};
  std::memcpy(&address, remote.data(), std::min(sizeof address, remote.size()));
  return network_of(address.sin6_addr);
}

}  // namespace app
