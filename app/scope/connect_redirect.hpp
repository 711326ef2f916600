#pragma once

// The other way to redirect a cgroup, for kernels whose nftables cannot match one. Programs in the kernel
// (connect_program.bpf.c) make each TLS connection go to the interceptor, and store its destination. The kernel removes
// the programs when their descriptors close, so also when the service is killed.

#include <cstddef>
#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "app/linux/cgroup.hpp"
#include "app/scope/redirect_rules.hpp"
#include "net/errc.hpp"

namespace app::scope {

class connect_redirect {
 public:
  /// Loads the programs. Nothing is redirected yet. `pending` limits the connections that wait to be accepted; beyond
  /// it, the oldest are refused.
  static scope_result<std::unique_ptr<connect_redirect>> load(redirect_ports ports, std::size_t pending);
  ~connect_redirect();
  connect_redirect(const connect_redirect&) = delete;
  connect_redirect& operator=(const connect_redirect&) = delete;

  scope_result<void> attach(const watched_cgroup& cgroup);

  /// Redirects no new connections. The destinations of redirected connections remain known.
  void detach();

  /// Call once per connection, from any thread. Error: net::errc::not_redirected.
  net::result<boost::asio::ip::tcp::endpoint> original_destination(boost::asio::ip::tcp::socket& accepted);

 private:
  struct loaded;
  explicit connect_redirect(std::unique_ptr<loaded> parts);

  std::unique_ptr<loaded> parts_;
};

}  // namespace app::scope
