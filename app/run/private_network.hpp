#pragma once

// The network of a command: it has only loopback. Every address that the host can reach is local there, so connections
// arrive at our listeners. The interceptor gets the listeners, and connects to the origins from the host's namespace.
// The caller is in a new network namespace and may administer it. UDP other than DNS finds no socket, so the kernel
// refuses it at once, and QUIC clients fall back to TCP.

#include <string>
#include <vector>

#include <boost/system/result.hpp>

#include "app/run/host_network.hpp"
#include "net/descriptor.hpp"

namespace app::run {

/// What could not be done, as the end of "cannot …", and the system's reason.
struct setup_failure {
  std::string what;
  int error = 0;  // errno
};

template <class T>
using setup_result = boost::system::result<T, setup_failure>;

/// For result::value().
[[noreturn]] void throw_exception_from_error(const setup_failure& failure, const boost::source_location& where);

/// Which TCP ports are captured.
enum class capture_kind : std::uint8_t {
  every_port,   // by nftables
  usual_ports,  // without nftables: one listener for each of `usual_ports`; other ports refuse
};

inline constexpr std::uint16_t usual_ports[] = {443, 80, 22, 8443};

struct private_network {
  capture_kind capture = capture_kind::every_port;
  std::vector<net::descriptor> listeners;  // TCP, transparent
  std::vector<net::descriptor> resolvers;  // UDP, bound to port 53 of every address
  net::descriptor sockets;                 // NETLINK_SOCK_DIAG: finds out which process owns a connection
};

/// If `wanted` is usual_ports, nftables is not tried. `further_ports` are captured in addition to the usual ones.
setup_result<private_network> raise_private_network(const host_network& host, capture_kind wanted,
                                                    std::span<const std::uint16_t> further_ports = {});

}  // namespace app::run
