#include "mitm/any_port.hpp"

#include <optional>
#include <utility>

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "mitm/relay.hpp"
#include "mitm/upstream.hpp"
#include "net/by.hpp"
#include "net/inspect.hpp"

namespace mitm {
namespace {

using net::after;
using net::reset_on_close;
using net::tcp;
using phase_of = net::failure::phase_of;
using side_of = net::failure::side_of;

/// The side with something to read; its end counts. Nothing once the session is cancelled.
asio::awaitable<std::optional<side>> first_to_speak(tcp::socket& client, tcp::socket& origin) {
  auto [order, client_error, origin_error] =
      co_await asio::experimental::make_parallel_group(client.async_wait(tcp::socket::wait_read, asio::deferred),
                                                       origin.async_wait(tcp::socket::wait_read, asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (order[0] == 0 ? client_error : origin_error) co_return std::nullopt;
  co_return order[0] == 0 ? side::downstream : side::upstream;
}

/// Does the client, which has begun to speak, say hello to a watched host, or to one that cannot be told?
asio::awaitable<bool> greets_watched(const session_services& with, const intercept_policy& policy,
                                     tcp::socket& client) {
  const auto hello = co_await net::by(after(with.bounds.client_hello), net::peek_client_hello(client));
  if (hello.has_value()) co_return policy.watches(hello->server_name) || hides_its_name(*hello);
  co_return hello.error().category() == net::wire::wire_category() && hello.error() != net::wire::errc::not_tls;
}

asio::awaitable<void> splice(const session_services& with, session_report& report, tcp::socket client,
                             tcp::socket origin) {
  net::plain_stream downstream(std::move(client));
  net::plain_stream upstream(std::move(origin));
  relay<net::plain_stream> tunnel(downstream, upstream, {with.bounds, nullptr, with.draining});
  auto relayed = co_await tunnel.run();
  report.bytes_up = relayed.bytes_up;
  report.bytes_down = relayed.bytes_down;
  report.failure = std::move(relayed.failure);
  if (!report.failure) co_return;
  reset_on_close(downstream.socket());
  reset_on_close(upstream.socket());
}

/// The connection to the origin, if the rest is the session's: the client was only looked at.
asio::awaitable<std::optional<tcp::socket>> walk(const session_services& with, const intercept_policy& policy,
                                                 session_report& report, tcp::socket& client) {
  auto origin = co_await connect_upstream(report.facts.destination, after(with.bounds.upstream_connect));
  if (origin.has_error()) {
    report.failure = net::failure{side_of::upstream, phase_of::connect, origin.error(), {}};
    reset_on_close(client);
    co_return std::nullopt;
  }
  const auto spoke = co_await first_to_speak(client, *origin);
  if (!spoke) co_return std::nullopt;
  if (*spoke == side::downstream && co_await greets_watched(with, policy, client)) co_return std::move(*origin);
  co_await splice(with, report, std::move(client), std::move(*origin));
  co_return std::nullopt;
}

}  // namespace

asio::awaitable<void> serve_any_port(session_services with, std::shared_ptr<const intercept_policy> policy,
                                     tcp::socket client, tcp::endpoint destination) {
  const auto began = std::chrono::steady_clock::now();
  session_report report;
  boost::system::error_code ignored;
  report.facts.client = client.remote_endpoint(ignored);
  report.facts.destination = destination;
  report.handling = handling::spliced;
  report.reason = "not the TLS of a watched host";
  if (auto origin = co_await walk(with, *policy, report, client)) {
    co_return co_await serve(std::move(with), std::move(policy), std::move(client), destination, std::move(origin));
  }
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  with.events.on_session_end(report);
}

}  // namespace mitm
