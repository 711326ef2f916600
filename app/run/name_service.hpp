#pragma once

// DNS over UDP for a private network. It forwards each query to the server that the program chose, from the host's
// namespace and from a new socket and port. The answer goes back with the server's address as its source. Nothing is
// parsed or stored. DNS over TCP is a connection like any other.

#include <vector>

#include "app/base/run_limits.hpp"
#include "net/descriptor.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"

namespace app::run {

namespace asio = boost::asio;

class name_service {
 public:
  /// `sockets` are bound to port 53 in the private network. They are transparent, and report the destination of each
  /// datagram (IP_PKTINFO).
  name_service(net::worker_pool& workers, const run_limits& bounds, std::vector<net::descriptor> sockets);

  /// Ends open queries. Call before destruction.
  asio::awaitable<void> stop();

 private:
  asio::awaitable<void> serve(int socket);
  asio::awaitable<void> end_on_strand();

  net::worker_pool& workers_;
  const run_limits bounds_;
  std::vector<net::descriptor> sockets_;
  asio::any_io_executor strand_;
  net::task_group tasks_;
};

}  // namespace app::run
