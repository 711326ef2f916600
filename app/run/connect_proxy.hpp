#pragma once

// The other way to intercept a run: a proxy that clients find in HTTPS_PROXY. It is for machines where unprivileged
// users cannot create a network namespace. It answers CONNECT (RFC 9110, 9.3.6) and hands the tunnel to the
// interceptor. It refuses every other request. It listens on loopback and serves one run: a client must be a process of
// our user and know the secret in the URL, which only the command has in its environment.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "app/base/run_limits.hpp"
#include "app/linux/netlink_socket.hpp"
#include "mitm/interceptor.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"

namespace app::run {

namespace asio = boost::asio;

class connect_proxy {
 public:
  /// Both outlive the proxy.
  connect_proxy(net::worker_pool& workers, const run_limits& bounds, mitm::interceptor& interceptor);

  /// Listens on 127.0.0.1, on a free port.
  net::result<net::tcp::endpoint> listen();

  /// The URL for HTTPS_PROXY; contains the secret.
  std::string url(const net::tcp::endpoint& endpoint) const;

  /// Closes the connections that were not yet handed to the interceptor. Call before destruction.
  asio::awaitable<void> stop();

 private:
  asio::awaitable<void> accept_from(net::tcp::acceptor acceptor);
  asio::awaitable<void> answer(net::tcp::socket client);
  bool is_ours(const net::tcp::socket& client);
  std::optional<std::string_view> refusal(const net::tcp::socket& client, std::string_view head);
  asio::awaitable<void> end_on_strand();

  net::worker_pool& workers_;
  const run_limits bounds_;
  const std::string secret_;
  const std::string authorization_;  // what a client must send
  std::mutex asking_;                // guards kernel_; held for one query
  std::optional<netlink_socket> kernel_;
  mitm::interceptor& interceptor_;
  asio::any_io_executor strand_;
  net::task_group tasks_;
};

/// "host:port" of the first line of a CONNECT request; nullopt for any other text.
struct connect_target {
  std::string host;
  std::uint16_t port = 0;
};
std::optional<connect_target> parse_connect(std::string_view head);

/// The name by which a run's proxy identifies itself in its responses.
inline constexpr std::string_view proxy_signature = "zerogravity-run";

/// The URL of any run's proxy.
bool is_proxy_of_run(std::string_view url);

}  // namespace app::run
