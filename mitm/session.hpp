#pragma once

// One redirected connection from its first byte to its report: inspect, decide, splice or intercept. One coroutine per
// connection, spawned by the interceptor on a strand.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <openssl/ssl.h>

#include "mitm/bypass_list.hpp"
#include "mitm/ca/certificate_cache.hpp"
#include "mitm/policy/intercept_policy.hpp"
#include "mitm/policy/limits.hpp"
#include "mitm/relay/connection_events.hpp"
#include "mitm/relay/request_rules.hpp"
#include "mitm/upstream/kept_upstreams.hpp"
#include "mitm/upstream/own_upstreams.hpp"
#include "mitm/upstream/redirect_pass.hpp"
#include "mitm/upstream/upstream_proxy.hpp"
#include "mitm/upstream/upstream_sessions.hpp"
#include "net/memory_budget.hpp"
#include "net/stream.hpp"

namespace mitm {

namespace asio = boost::asio;

/// What a session borrows. All of it outlives the session.
struct session_services {
  const limits& bounds;
  bypass_list& bypassed;
  certificate_cache& leaves;
  SSL_CTX* upstream_context;
  upstream_sessions& resumable;
  connection_events& events;
  std::stop_token draining;
  request_rules* rules = nullptr;              // none: requests pass as they are
  kept_upstreams* kept = nullptr;              // null: every client gets a new upstream
  const upstream_proxy* proxy = nullptr;       // none: origins are reached directly
  own_upstreams* own = nullptr;                // null: our connections cannot be redirected to us
  net::memory_budget* held = nullptr;          // of all requests that are held for rules; null: unlimited
  redirects on_the_way = redirects::followed;  // of connections to origins
};

/// Where a client was going.
struct client_goal {
  client_goal(net::tcp::endpoint address) : destination(address) {}
  client_goal(net::tcp::endpoint address, std::string named) : destination(address), name(std::move(named)) {}

  net::tcp::endpoint destination;  // unspecified: by name alone
  std::string name = {};           // as given to a proxy; empty: the client connected by address
};

/// Serves `client`. `policy` is the one in force when the session began. `origin` is an existing connection to the
/// goal, if there is one.
asio::awaitable<void> serve(session_services services, std::shared_ptr<const intercept_policy> policy,
                            net::tcp::socket client, client_goal goal,
                            std::optional<net::tcp::socket> origin = std::nullopt);

/// Passes bytes on unread until both sides are done. Adds their number to the report, and sets its failure.
asio::awaitable<void> splice(const session_services& services, session_report& report, net::tcp::socket client,
                             net::tcp::socket origin);

}  // namespace mitm
