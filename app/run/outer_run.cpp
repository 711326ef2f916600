#include "app/run/outer_run.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/run/connect_proxy.hpp"
#include "app/run/inner_address.hpp"
#include "mitm/ca/trust_bundle.hpp"
#include "mitm/upstream/upstream_proxy.hpp"
#include "net/descriptor.hpp"

namespace app::run {
namespace {

constexpr timeval answer_limit{2, 0};  // for a process on this machine

template <class Address>
bool can_bind(const Address& address, int family) {
  const net::descriptor socket(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// Only an address of this network can be bound. It has one of each family in which the host reaches anything.
bool has_inner_address() {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  std::memcpy(&v4.sin_addr, inner_v4, sizeof inner_v4);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, inner_v6, sizeof inner_v6);
  return can_bind(v4, AF_INET) || can_bind(v6, AF_INET6);
}

bool has_link_outside() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return true;
  bool found = false;
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    found = found || ((each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0);
  }
  ::freeifaddrs(all);
  return found;
}

/// As trust.hpp does it, which every run does.
bool has_bundle_over_systems() {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    // proc(5): the mount point is the fifth field.
    std::istringstream fields(line);
    std::string skipped, place;
    fields >> skipped >> skipped >> skipped >> skipped >> place;
    if (std::ranges::find(mitm::system_ca_files, place) != std::end(mitm::system_ca_files)) return true;
  }
  return false;
}

net::descriptor connected_to(const mitm::upstream_proxy& proxy) {
  net::descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &answer_limit, sizeof answer_limit);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &answer_limit, sizeof answer_limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(proxy.port);
  const bool there = ::inet_pton(AF_INET, proxy.host.c_str(), &address.sin_addr) == 1 &&
                     ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return there ? std::move(socket) : net::descriptor();
}

}  // namespace

bool within_private_network() {
  return has_inner_address() && !has_link_outside() && has_bundle_over_systems();
}

bool behind_proxy_of_run() {
  const char* named = std::getenv("HTTPS_PROXY");
  if (named == nullptr || !is_proxy_of_run(named)) return false;
  const auto proxy = mitm::parse_upstream_proxy(named);
  if (proxy.has_error()) return false;
  const net::descriptor socket = connected_to(*proxy);
  if (!socket.valid()) return false;
  const std::string question = "OPTIONS * HTTP/1.1\r\nProxy-Authorization: " + proxy->authorization + "\r\n\r\n";
  ::send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL);
  std::array<char, 512> answer{};
  const auto got = ::recv(socket.get(), answer.data(), answer.size(), 0);
  return got > 0 &&
         std::string_view(answer.data(), static_cast<std::size_t>(got)).find(proxy_signature) != std::string_view::npos;
}

}  // namespace app::run
