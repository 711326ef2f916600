#pragma once

// Finds the socket of a client, and the process that has it open. For one thread.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "app/accounting/process_lookup.hpp"
#include "app/base/process_limits.hpp"
#include "app/linux/client_socket.hpp"
#include "app/linux/descriptor.hpp"
#include "app/linux/netlink_socket.hpp"
#include "mitm/relay/connection_events.hpp"
#include "net/executor.hpp"

namespace app {

/// A process that made connections before.
struct known_process {
  pid_t process = 0;
  int descriptor = 0;  // of its last connection

  /// `link`: what /proc/PID/fd/N leads to. Looks only around the last descriptor: a process gets the lowest free one
  /// for its next connection, so that is where it mostly is, however many the process has.
  bool has_near(std::string_view link);
  /// Looks at `most` descriptors.
  bool has(std::string_view link, std::size_t most);
};

class process_search {
 public:
  /// `sockets`: as process_finder has it.
  process_search(const process_limits& limits, run::descriptor sockets);

  /// Asks the kernel. `listeners` are asked for after the connection's destination. nullopt: it is closed, or of
  /// another namespace.
  std::optional<run::client_socket> socket_of(const mitm::connection_facts& connection,
                                              const std::vector<net::asio::ip::tcp::endpoint>& listeners);

  /// Walks /proc where no known process has the socket.
  connection_process process_of(const run::client_socket& socket);

 private:
  pid_t owner_of(const run::client_socket& socket);
  std::optional<known_process> walk(std::uint32_t uid, const std::string& link);

  const process_limits limits_;
  std::optional<run::netlink_socket> kernel_;
  std::deque<known_process> recent_;  // the one whose connection was found last comes first
  std::map<std::uint32_t, std::chrono::steady_clock::time_point> unseen_;  // by uid: until then /proc is not walked
};

}  // namespace app
