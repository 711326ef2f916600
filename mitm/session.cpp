#include "mitm/session.hpp"

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "mitm/client_leg.hpp"
#include "mitm/intercepted.hpp"
#include "mitm/origin_leg.hpp"
#include "mitm/policy/alpn.hpp"
#include "mitm/relay/connection_tap.hpp"
#include "mitm/relay/relay.hpp"
#include "mitm/rewrite/local_answer.hpp"
#include "mitm/session_state.hpp"
#include "mitm/upstream/alpn_hooks.hpp"
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

/// Why a connection is not intercepted. `why` is set if it should have been: the host is watched, or may be.
struct splice_reason {
  std::string words;
  std::optional<unread> why;
};

splice_reason reason_for(unread why) {
  return {std::string(words_for(why)), why};
}

asio::awaitable<void> connect_and_splice(session_state& self, tcp::socket client, splice_reason because) {
  self.report.handling = handling::spliced;
  self.report.reason = std::move(because.words);
  self.report.not_read = because.why;
  if (because.why) self.services.events.on_unread(self.report.facts, *because.why);
  const auto name = self.goal.name.empty() ? self.host() : self.goal.name;
  auto connected = co_await connect_origin(self.services, {self.goal.destination, name}, self.connected);
  if (!connected.socket) {
    reset_on_close(client);
    co_return self.fail(side_of::upstream, phase_of::connect, connected.error, std::move(connected.words));
  }
  co_await splice(self.services, self.report, std::move(client), std::move(*connected.socket));
}

struct origin_and_leaf {
  std::optional<net::tls_stream> upstream;
  std::optional<ca_result<server_identity_ptr>> leaf;  // nullopt: its names are not known yet
};

std::optional<net::tls_stream> take_note(session_state& self, reached_origin origin) {
  self.report.reused_upstream = origin.reused;
  self.report.failure = std::move(origin.failure);
  return std::move(origin.upstream);
}

/// Makes the certificate for a new host during the origin's handshake, so that it costs no time.
asio::awaitable<origin_and_leaf> reach_origin_and_mint(session_state& self, const net::wire::client_hello& hello) {
  if (hello.server_name.empty()) {
    co_return origin_and_leaf{take_note(self, co_await reach_origin(call_of(self, hello))), std::nullopt};
  }
  const auto executor = co_await asio::this_coro::executor;
  std::vector<std::string> names{hello.server_name};
  auto [order, not_reached, origin, not_minted, leaf] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, reach_origin(call_of(self, hello)), asio::deferred),
          asio::co_spawn(executor, self.services.leaves.leaf(std::move(names), self.leaf), asio::deferred))
          .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const auto& error : {not_reached, not_minted}) {
    if (error) std::rethrow_exception(error);
  }
  co_return origin_and_leaf{take_note(self, std::move(origin)), std::move(leaf)};
}

/// The result of an attempt to intercept: both legs, a reason to splice, or neither if the connection is over.
struct interception {
  std::unique_ptr<tls_legs> legs = {};  // on the heap, to keep the coroutine frames of idle connections small
  std::optional<splice_reason> splice_because = {};
};

interception splice_instead(session_state& self, splice_reason because) {
  self.report.failure.reset();
  return {nullptr, std::move(because)};
}

asio::awaitable<bool> is_bypassed(session_state& self) {
  if (!self.services.bypassed.knows(self.host())) co_return false;
  self.observe();
  const auto program = self.identified(co_await program_of(*self.observer));
  const bool passes = self.services.bypassed.bypassed(self.host(), program, bypass_list::instant::clock::now());
  if (passes) self.report.facts.bypassed = describe(program);
  co_return passes;
}

/// Without a server name, finds the host in the origin's certificate, if that could be verified, and sets it. False:
/// none of its names is watched.
bool find_host(session_state& self, std::optional<net::tls_stream>& upstream, std::vector<std::string>& names) {
  names = upstream ? certificate_names(upstream->native()) : std::vector<std::string>();
  const bool watched = self.policy->decide(names).what == action::intercept;
  // Name constraints are wider than the patterns, so drop names that nobody asked to watch.
  std::erase_if(names, [&self](const std::string& name) { return !self.policy->watches(name); });
  if (!watched || names.empty()) return false;
  self.report.facts.host = names.front();
  return true;
}

/// Connects upstream first: an unreachable or untrusted origin must not look like our fault. Moves from `client` unless
/// the result is to splice.
asio::awaitable<interception> open_both(session_state& self, tcp::socket& client,
                                        const net::wire::client_hello& hello) {
  std::vector<std::string> names{hello.server_name};
  // We can find out who the client is only while it is connected.
  if (!hello.server_name.empty()) self.observe();
  auto [upstream, minted] = co_await reach_origin_and_mint(self, hello);
  if (hello.server_name.empty()) {
    if (!find_host(self, upstream, names)) {
      co_return splice_instead(self, {"no server name, and the origin is not a watched host", std::nullopt});
    }
    if (co_await is_bypassed(self)) co_return splice_instead(self, reason_for(unread::bypassed));
    self.observe();
  }
  // If the origin was offered only what we cannot follow, it may still pick nothing, which means HTTP/1.1.
  if (only_unknown(hello.alpn) && (!upstream || !picked_alpn(upstream->native()).empty())) {
    co_return splice_instead(self, reason_for(unread::protocol));
  }
  self.report.handling = handling::intercepted;
  if (!upstream) {
    co_await answer_failure(self, std::move(client), hello);
    co_return interception{};
  }
  const auto leaf = minted ? std::move(*minted) : co_await self.services.leaves.leaf(names, self.leaf);
  if (leaf.has_error()) {
    auto because = reason_for(unread::no_certificate);
    because.words += ": " + leaf.error().message;
    co_return splice_instead(self, std::move(because));
  }
  net::tls_stream downstream = downstream_of(std::move(client), **leaf);
  const std::string protocol = picked_alpn(upstream->native());
  if (!co_await accept_downstream(self, downstream, protocol)) co_return interception{};
  co_return interception{std::make_unique<tls_legs>(std::move(downstream), std::move(*upstream)), std::nullopt};
}

/// Why this connection is not intercepted, or nullopt if it is. Sets the terms.
std::optional<splice_reason> reason_to_splice(session_state& self, const net::result<net::wire::client_hello>& hello) {
  if (hello.has_error()) {
    // What does not begin like TLS cannot be intercepted.
    if (hello.error() == net::wire::errc::not_tls) return splice_reason{hello.error().message(), std::nullopt};
    return splice_reason{std::string(words_for(unread::client_hello)) + ": " + hello.error().message(),
                         unread::client_hello};
  }
  const auto decided = self.policy->decide(hello->server_name);
  const bool unnamed = decided.why == decision_reason::no_server_name;
  if (decided.why == decision_reason::not_configured && hides_its_name(*hello)) return reason_for(unread::hidden_name);
  if (decided.why == decision_reason::outside_ca)
    return splice_reason{std::string(to_string(decided.why)), unread::outside_ca};
  if (decided.why == decision_reason::not_configured && self.policy->knows(hello->server_name))
    return reason_for(unread::not_listed);
  if (decided.what == action::splice && !unnamed)
    return splice_reason{std::string(to_string(decided.why)), std::nullopt};
  auto terms = terms_for(hello->offer);
  if (!terms) return reason_for(unread::tls);
  self.terms = std::move(*terms);
  self.leaf = leaf_key_for(hello->offer).value_or(leaf_key::ecdsa);
  self.hello_kind = hello_kind(*hello);
  return std::nullopt;
}

asio::awaitable<void> walk(session_state& self, tcp::socket& client) {
  auto hello = co_await net::by(after(self.bounds().client_hello), net::peek_client_hello(client));
  if (hello.has_error() && hello.error().category() != net::wire::wire_category()) {
    self.report.reason = "the client sent no whole ClientHello";
    if (hello.error() == asio::error::eof) co_return;
    co_return self.fail(side_of::downstream, phase_of::inspect, hello.error());
  }
  if (self.services.own != nullptr && self.services.own->made(client, self.goal.destination)) {
    reset_on_close(client);
    co_return self.fail(side_of::internal, phase_of::accept, net::make_error_code(net::errc::came_back));
  }
  self.report.facts.host = hello.has_error() ? self.goal.name : hello->server_name;
  interception result{nullptr, reason_to_splice(self, hello)};
  if (!hello.has_error()) hello->offer = {};  // no longer needed, and the connection may last
  if (!result.splice_because && co_await is_bypassed(self)) result.splice_because = reason_for(unread::bypassed);
  if (!result.splice_because) result = co_await open_both(self, client, *hello);
  if (result.legs) co_return co_await relay_intercepted(self, *result.legs, *hello);
  if (result.splice_because) co_await connect_and_splice(self, std::move(client), std::move(*result.splice_because));
}

}  // namespace

asio::awaitable<void> splice(const session_services& services, session_report& report, tcp::socket client,
                             tcp::socket origin) {
  net::plain_stream downstream(std::move(client));
  net::plain_stream upstream(std::move(origin));
  relay<net::plain_stream> tunnel(downstream, upstream, {services.bounds, nullptr, services.draining});
  auto relayed = co_await tunnel.run();
  report.bytes_up += relayed.bytes_up;
  report.bytes_down += relayed.bytes_down;
  report.failure = std::move(relayed.failure);
  if (!report.failure) co_return;
  reset_on_close(downstream.socket());
  reset_on_close(upstream.socket());
}

asio::awaitable<void> serve(session_services services, std::shared_ptr<const intercept_policy> policy,
                            tcp::socket client, client_goal goal, std::optional<tcp::socket> origin) {
  const auto began = std::chrono::steady_clock::now();
  session_state self{
      std::move(services), std::move(policy), std::move(goal), {}, std::move(origin), {}, {}, {}, nullptr};
  boost::system::error_code ignored;
  self.report.facts.client = client.remote_endpoint(ignored);
  self.report.facts.destination = self.goal.destination;
  try {
    co_await walk(self, client);
  } catch (const boost::system::system_error& error) {
    self.fail(side_of::internal, phase_of::accept, error.code(), error.what());
  }
  self.report.duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  // A cancelled session reports too.
  co_await asio::this_coro::throw_if_cancelled(false);
  if (self.report.failure && self.observer) self.report.program = self.identified(co_await program_of(*self.observer));
  self.services.events.on_session_end(self.report);
}

}  // namespace mitm
