#pragma once

// The other way, for machines where nobody unprivileged may have a network of their own: a proxy that clients are told
// of by HTTPS_PROXY. It answers CONNECT (RFC 9110, 9.3.6) and hands the tunnel to the interceptor; anything else is
// refused. On loopback, for one run.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "app/run/run_limits.hpp"
#include "mitm/interceptor.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"

namespace app::run {

namespace asio = boost::asio;

class connect_proxy {
 public:
  /// Both outlive the proxy.
  connect_proxy(net::worker_pool& workers, const run_limits& bounds, mitm::interceptor& interceptor);

  /// On 127.0.0.1, at a port of its own.
  net::result<net::tcp::endpoint> listen();

  /// Ends what is not yet the interceptor's. Call before destruction.
  asio::awaitable<void> stop();

 private:
  asio::awaitable<void> accept_from(net::tcp::acceptor acceptor);
  asio::awaitable<void> answer(net::tcp::socket client);
  asio::awaitable<void> end_on_strand();

  net::worker_pool& workers_;
  const run_limits bounds_;
  mitm::interceptor& interceptor_;
  asio::any_io_executor strand_;
  net::task_group tasks_;
};

/// "host:port" of the first line of a CONNECT request; nothing if it is another or none.
struct connect_target {
  std::string host;
  std::string port;
};
std::optional<connect_target> parse_connect(std::string_view head);

}  // namespace app::run
