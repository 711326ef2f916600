#pragma once

// The network of a command: loopback alone. Every address that the host can reach is local on it, so that connections
// come to our listeners, which are handed out to the interceptor; that connects from the host's namespace. Called in a
// new network namespace by a process that may administer it. UDP other than DNS finds no socket, so the kernel refuses
// it at once and QUIC clients fall back to TCP.

#include <string>
#include <vector>

#include <boost/system/result.hpp>

#include "app/linux/descriptor.hpp"
#include "app/run/host_network.hpp"

namespace app::run {

/// What could not be done, to complete "cannot …", and the system's reason.
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
  usual_ports,  // a kernel without it: one listener for each of `usual_ports`, the others refuse
};

inline constexpr std::uint16_t usual_ports[] = {443, 80, 22, 8443};

struct private_network {
  capture_kind capture = capture_kind::every_port;
  std::vector<descriptor> listeners;  // TCP, transparent
  std::vector<descriptor> resolvers;  // UDP, bound to port 53 of every address
  descriptor sockets;                 // NETLINK_SOCK_DIAG: tells who owns a connection
};

/// If `wanted` is usual_ports, nftables is not tried. `further_ports` are captured with the usual ones.
setup_result<private_network> raise_private_network(const host_network& host, capture_kind wanted,
                                                    std::span<const std::uint16_t> further_ports = {});

}  // namespace app::run
