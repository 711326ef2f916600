#pragma once

// Who made a connection. The kernel tells the uid and the inode of the client's socket (SOCK_DIAG_BY_FAMILY) in some
// 20 µs; the process is the one that has that inode open. Processes that made connections before are looked at first,
// and of their descriptors those beside the last connection's, so /proc is walked once for a new process and not for a
// connection. All of it on a thread of its own, from a bounded queue: the uid of a new connection comes before a walk.

#include <cstdint>
#include <memory>
#include <vector>

#include "app/accounting/process_lookup.hpp"
#include "app/base/process_limits.hpp"
#include "app/linux/descriptor.hpp"
#include "mitm/relay/connection_events.hpp"
#include "net/executor.hpp"

namespace app {

class process_finder {
 public:
  /// `sockets` is a NETLINK_SOCK_DIAG socket of the network namespace that connections are made in; invalid: our own's.
  process_finder(const process_limits& bounds, run::descriptor sockets);
  /// Answers what is asked.
  ~process_finder();
  process_finder(const process_finder&) = delete;
  process_finder& operator=(const process_finder&) = delete;

  /// Clients may call these their peer instead of where they were going: a proxy, or a redirect that has changed it
  /// before they connected.
  void known_as(std::vector<net::asio::ip::tcp::endpoint> listeners);

  /// From any thread; never waits. Where more than limits.process_lookups wait, the answer is at once that nothing is
  /// known, and it is counted.
  std::shared_ptr<process_lookup> look(const mitm::connection_facts& connection);

  /// How many were answered so.
  std::uint64_t overflowed() const;

  /// Blocks until every lookup is answered.
  void wait_idle();

 private:
  class worker;
  std::unique_ptr<worker> worker_;
};

}  // namespace app
