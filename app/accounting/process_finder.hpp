#pragma once

// Who made a connection. The kernel tells the uid and the inode of the client's socket (SOCK_DIAG_BY_FAMILY) in some
// 20 µs; the process is the one that has that inode open. The search starts with processes that made connections
// before, at the descriptors beside their last connection, so /proc is walked once per new process, not once per
// connection. A thread of its own does all of it from a bounded queue, and finds the uid of new connections before it
// walks.

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
  /// `sockets`: a NETLINK_SOCK_DIAG socket of the network namespace of the clients; invalid: that of this process.
  process_finder(const process_limits& bounds, run::descriptor sockets);
  /// Answers all waiting lookups first.
  ~process_finder();
  process_finder(const process_finder&) = delete;
  process_finder& operator=(const process_finder&) = delete;

  /// The kernel may name one of these as a client's peer instead of the destination: a proxy, or the target of a
  /// redirect that takes effect before the connect.
  void known_as(std::vector<net::asio::ip::tcp::endpoint> listeners);

  /// From any thread; never waits. If process_limits::process_lookups already wait, the answer is at once that nothing
  /// is known, and it is counted.
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
