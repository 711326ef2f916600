#include "mitm/upstream/redirect_pass.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace mitm {
namespace {

void set(boost::asio::ip::tcp::socket& socket, int level, int option, int value) {
  ::setsockopt(socket.native_handle(), level, option, &value, sizeof value);
}

void set_all(boost::asio::ip::tcp::socket& socket, int priority, int hop_limit) {
  set(socket, SOL_SOCKET, SO_PRIORITY, priority);
  // Each fails on a socket of the other family. One of IPv6 may connect to an IPv4 address, and then needs both.
  set(socket, IPPROTO_IP, IP_TTL, hop_limit);
  set(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, hop_limit);
}

}  // namespace

void mark_to_pass(boost::asio::ip::tcp::socket& opened) {
  set_all(opened, pass_priority, pass_hop_limit);
}

void unmark(boost::asio::ip::tcp::socket& connected) {
  constexpr int usual_priority = 0;
  constexpr int system_default = -1;
  set_all(connected, usual_priority, system_default);
}

}  // namespace mitm
