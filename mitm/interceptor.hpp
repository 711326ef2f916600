#pragma once

// The interceptor: accepts redirected connections, spawns a session for each and drains them at the end.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "mitm/session.hpp"
#include "net/executor.hpp"
#include "net/memory_budget.hpp"
#include "net/original_destination.hpp"
#include "net/task_group.hpp"

namespace mitm {

class interceptor {
 public:
  struct parts {
    const limits& bounds;
    bypass_list& bypassed;
    certificate_cache& leaves;
    std::shared_ptr<SSL_CTX> upstream_context;
    connection_events& events;
    request_rules* rules = nullptr;  // none: requests pass as they are
    /// Returns the original destination of a redirected connection.
    std::function<net::result<net::tcp::endpoint>(net::tcp::socket&)> destination_of = net::original_destination;
    bool reuse_upstream = true;                  // by the next client of the same user
    std::optional<upstream_proxy> proxy = {};    // none: origins are reached directly
    net::memory_budget* held = nullptr;          // of all requests that are held for rules; null: unlimited
    redirects on_the_way = redirects::followed;  // of connections to origins
  };

  /// What `given` refers to outlives the interceptor.
  interceptor(net::worker_pool& workers, parts given, std::shared_ptr<const intercept_policy> policy);

  /// Binds and starts to accept. Returns the bound endpoint (port 0 picks one). Throws system_error.
  net::tcp::endpoint listen(net::tcp::endpoint address);

  /// Accepts from a given `listener` that gets connections for any address and port, in a namespace whose routes make
  /// every address local. A connection's local address is its destination. Takes the descriptor. Throws system_error.
  void listen_captured(net::tcp::acceptor::native_handle_type listener);

  /// Serves `client`, which asked to be connected to `goal`. From any thread; the client's executor must be a strand.
  void take(net::tcp::socket client, client_goal goal);

  /// The upstream proxy, or null.
  const upstream_proxy* proxy() const { return parts_.proxy ? &*parts_.proxy : nullptr; }

  /// Detects our own connections that were redirected to us.
  own_upstreams& own() const { return own_; }

  /// For sockets to pass to take().
  asio::any_io_executor strand() { return workers_.strand(); }

  /// New connections use `policy`; open ones keep theirs. From any thread.
  void use(std::shared_ptr<const intercept_policy> policy);

  /// Stops accepting. Ends idle connections now and the others after their exchange. After `limits.drain` cuts the
  /// rest. Returns how many were cut.
  asio::awaitable<std::size_t> drain();

  /// Cuts the connections that drain() still waits for. From any thread.
  void cut() { sessions_.cancel(); }

  std::size_t open_connections() const { return sessions_.size(); }

 private:
  enum class arrival : std::uint8_t { redirected, captured };

  asio::awaitable<void> accept_from(net::tcp::acceptor acceptor, arrival how);
  void admit(net::tcp::socket client, arrival how);
  void begin(net::tcp::socket client, client_goal goal, arrival how, bool with_tls);
  void refuse(net::tcp::socket client, boost::system::error_code why);
  session_services services(arrival how);
  std::shared_ptr<const intercept_policy> policy() const;

  asio::awaitable<std::size_t> drain_on_strand();

  net::worker_pool& workers_;
  asio::any_io_executor strand_;  // of the acceptors and both groups, so that waiters may be cancelled
  parts parts_;
  upstream_sessions resumable_;
  kept_upstreams kept_;
  mutable own_upstreams own_;  // thread-safe
  std::stop_source draining_;
  mutable std::mutex policy_mutex_;  // guards policy_; held for a pointer copy
  std::shared_ptr<const intercept_policy> policy_;
  net::task_group listeners_;
  net::task_group sessions_;
};

}  // namespace mitm
