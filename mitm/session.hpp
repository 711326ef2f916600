#pragma once

// One redirected connection from its first byte to its report: inspect, decide, splice or intercept. A free coroutine
// per connection, spawned by the interceptor on a strand.

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
#include "mitm/upstream/upstream_proxy.hpp"
#include "mitm/upstream/upstream_sessions.hpp"
#include "net/memory_budget.hpp"
#include "net/stream.hpp"

namespace mitm {

namespace asio = boost::asio;

/// What a session borrows; all of it outlives the session.
struct session_services {
  const limits& bounds;
  bypass_list& bypassed;
  certificate_cache& leaves;
  SSL_CTX* upstream_context;
  upstream_sessions& resumable;
  connection_events& events;
  std::stop_token draining;
  request_rules* rules = nullptr;         // none: requests pass as they are
  kept_upstreams* kept = nullptr;         // none: every client gets an upstream of its own
  const upstream_proxy* proxy = nullptr;  // none: origins are reached directly
  own_upstreams* own = nullptr;           // none: what we open cannot come back
  net::memory_budget* held = nullptr;     // of all requests that are held for rules; none: without a bound
};

/// Where a client was going.
struct client_goal {
  client_goal(net::tcp::endpoint address) : destination(address) {}
  client_goal(net::tcp::endpoint address, std::string named) : destination(address), name(std::move(named)) {}

  net::tcp::endpoint destination;  // unspecified: by name alone
  std::string name = {};           // as it asked a proxy for it; empty: it knew the address
};

/// Serves `client`. The policy is the one in force when the session began. `origin` is a connection to there, if one
/// was made already.
asio::awaitable<void> serve(session_services services, std::shared_ptr<const intercept_policy> policy,
                            net::tcp::socket client, client_goal goal,
                            std::optional<net::tcp::socket> origin = std::nullopt);

/// Passes bytes on unread until both sides are done. The report gets their number, and the failure if there is one.
asio::awaitable<void> splice(const session_services& services, session_report& report, net::tcp::socket client,
                             net::tcp::socket origin);

}  // namespace mitm
