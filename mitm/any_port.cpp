#include "mitm/any_port.hpp"

#include <optional>
#include <string>
#include <utility>

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "mitm/client_tunnel.hpp"
#include "mitm/origin_leg.hpp"
#include "mitm/relay/relay.hpp"
#include "mitm/upstream/upstream.hpp"
#include "net/by.hpp"
#include "net/inspect.hpp"

namespace mitm {
namespace {

using net::after;
using net::reset_on_close;
using net::tcp;
using phase_of = net::failure::phase_of;
using side_of = net::failure::side_of;

/// Waits for the first side that has something to read or has ended. nullopt once the session is cancelled.
asio::awaitable<std::optional<side>> first_to_speak(tcp::socket& client, tcp::socket& origin) {
  auto [order, client_error, origin_error] =
      co_await asio::experimental::make_parallel_group(client.async_wait(tcp::socket::wait_read, asio::deferred),
                                                       origin.async_wait(tcp::socket::wait_read, asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (order[0] == 0 ? client_error : origin_error) co_return std::nullopt;
  co_return order[0] == 0 ? side::downstream : side::upstream;
}

/// The client has begun to speak. True if its ClientHello is for a watched host, for one that we cannot determine, or
/// for a provider's that is not watched, of which the session tells. `named` gets the host.
asio::awaitable<bool> concerns_session(const session_services& services, const intercept_policy& policy,
                                       tcp::socket& client, std::string& named) {
  const auto hello = co_await net::by(after(services.bounds.client_hello), net::peek_client_hello(client));
  if (hello.has_value()) named = hello->server_name;
  if (hello.has_value()) {
    co_return policy.watches(hello->server_name) || hides_its_name(*hello) || policy.knows(hello->server_name);
  }
  co_return hello.error().category() == net::wire::wire_category() && hello.error() != net::wire::errc::not_tls;
}

/// Clients that came through our proxy go on through the user's proxy. Others connect directly.
asio::awaitable<origin_socket> reach_goal(const session_services& services, const client_goal& goal) {
  std::optional<tcp::socket> none;
  if (!goal.name.empty()) co_return co_await connect_origin(services, {goal.destination, goal.name}, none);
  auto direct =
      co_await connect_upstream(goal.destination, after(services.bounds.upstream_connect), services.on_the_way);
  if (direct.has_error()) co_return origin_socket{{}, direct.error(), {}};
  co_return origin_socket{std::move(*direct), {}, {}};
}

/// What is left for the session to serve; the defaults mean nothing.
struct walk_result {
  bool to_session = false;
  bool in_tunnel = false;                  // of the client's own proxy
  std::optional<tcp::socket> origin = {};  // none: the session makes its own
};

void fail(session_report& report, phase_of phase, boost::system::error_code code, std::string words = {}) {
  report.failure = net::failure{side_of::upstream, phase, code, std::move(words)};
}

/// Passes on the CONNECT to the client's own proxy. False: the connection is over.
asio::awaitable<bool> follow_connect(const session_services& services, session_report& report, tcp::socket& client,
                                     tcp::socket& proxy, bool& tunnel) {
  const auto passed = co_await pass_connect(client, proxy, services.bounds);
  if (passed.has_error()) {
    if (passed.error() != asio::error::eof) fail(report, phase_of::tunnel, passed.error());
    co_return false;
  }
  tunnel = passed->tunnel;
  report.bytes_up += passed->bytes_up;
  report.bytes_down += passed->bytes_down;
  co_return true;
}

asio::awaitable<walk_result> walk(const session_services& services, const intercept_policy& policy,
                                  const client_goal& goal, session_report& report, tcp::socket& client) {
  auto reached = co_await reach_goal(services, goal);
  if (!reached.socket) {
    // If only the upstream proxy leads out, a watched host can still be reached by name.
    const bool by_proxy =
        services.proxy != nullptr && goal.name.empty() && reached.error != asio::error::connection_refused;
    if (by_proxy && co_await concerns_session(services, policy, client, report.facts.host))
      co_return walk_result{true, false, std::nullopt};
    fail(report, phase_of::connect, reached.error, std::move(reached.words));
    reset_on_close(client);
    co_return walk_result{};
  }
  tcp::socket origin = std::move(*reached.socket);
  bool tunnel = false;
  bool refused = false;  // by the client's proxy, whose answer is still coming
  for (;;) {
    const auto spoke = co_await first_to_speak(client, origin);
    if (!spoke) co_return walk_result{};
    if (*spoke == side::upstream && refused) {
      const auto moved = co_await pass_some(origin, client);
      if (moved.has_error() || *moved == 0) co_return walk_result{};
    } else if (*spoke == side::downstream && !tunnel && begins_connect(client)) {
      if (!co_await follow_connect(services, report, client, origin, tunnel)) co_return walk_result{};
      refused = !tunnel;
    } else {
      const bool greets =
          *spoke == side::downstream && co_await concerns_session(services, policy, client, report.facts.host);
      if (greets) co_return walk_result{true, tunnel, std::move(origin)};
      co_await splice(services, report, std::move(client), std::move(origin));
      co_return walk_result{};
    }
  }
}

}  // namespace

asio::awaitable<void> serve_any_port(session_services services, std::shared_ptr<const intercept_policy> policy,
                                     tcp::socket client, client_goal goal) {
  const auto began = std::chrono::steady_clock::now();
  session_report report;
  boost::system::error_code ignored;
  report.facts.client = client.remote_endpoint(ignored);
  report.facts.destination = goal.destination;
  report.facts.host = goal.name;
  report.handling = handling::spliced;
  report.reason = "not the TLS of a watched host";
  auto rest = co_await walk(services, *policy, goal, report, client);
  if (rest.to_session) {
    // The address is the proxy's, so connections to it cannot be shared.
    if (rest.in_tunnel) services.kept = nullptr;
    co_return co_await serve(std::move(services), std::move(policy), std::move(client), std::move(goal),
                             std::move(rest.origin));
  }
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  services.events.on_session_end(report);
}

}  // namespace mitm
