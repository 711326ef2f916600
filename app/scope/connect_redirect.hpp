#pragma once

// The other way to redirect a cgroup, where nftables cannot match one: programs in the kernel (connect_program.bpf.c)
// that begin each TLS connection to the interceptor instead, and keep where it was going. The kernel takes them away
// with the descriptors that hold them, however the service ends.

#include <cstddef>
#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "app/linux/cgroup.hpp"
#include "app/scope/redirect_rules.hpp"
#include "net/errc.hpp"

namespace app::scope {

class connect_redirect {
 public:
  /// Loads the programs; nothing is redirected yet. `pending`: connections that the interceptor has not accepted; when
  /// there are more, the oldest are refused.
  static scope_result<std::unique_ptr<connect_redirect>> load(redirect_ports ports, std::size_t pending);
  ~connect_redirect();
  connect_redirect(const connect_redirect&) = delete;
  connect_redirect& operator=(const connect_redirect&) = delete;

  scope_result<void> attach(const watched_cgroup& cgroup);

  /// Leaves new connections alone; the destinations of those that have come are still known.
  void detach();

  /// Once per connection, from any thread. Error: net::errc::not_redirected.
  net::result<boost::asio::ip::tcp::endpoint> original_destination(boost::asio::ip::tcp::socket& accepted);

 private:
  struct loaded;
  explicit connect_redirect(std::unique_ptr<loaded> parts);

  std::unique_ptr<loaded> parts_;
};

}  // namespace app::scope
