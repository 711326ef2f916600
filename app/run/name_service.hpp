#pragma once

// DNS over UDP for a private network. A query that a program sends to any server is sent on to that server from the
// host's namespace, each from a socket and port of its own; the answer goes back under the server's address. Nothing is
// parsed or kept. DNS over TCP is a connection like any other.

#include <vector>

#include "app/base/run_limits.hpp"
#include "app/linux/descriptor.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"

namespace app::run {

namespace asio = boost::asio;

class name_service {
 public:
  /// `sockets` are bound to port 53 inside, transparent, and report a datagram's destination (IP_PKTINFO).
  name_service(net::worker_pool& workers, const run_limits& bounds, std::vector<descriptor> sockets);

  /// Ends open queries. Call before destruction.
  asio::awaitable<void> stop();

 private:
  asio::awaitable<void> serve(int socket);
  asio::awaitable<void> end_on_strand();

  net::worker_pool& workers_;
  const run_limits bounds_;
  std::vector<descriptor> sockets_;
  asio::any_io_executor strand_;
  net::task_group tasks_;
};

}  // namespace app::run
