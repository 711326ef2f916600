#include "mitm/origin_leg.hpp"

#include <utility>

#include "mitm/policy/alpn.hpp"
#include "mitm/upstream/alpn_hooks.hpp"
#include "mitm/upstream/upstream.hpp"

namespace mitm {
namespace {

using net::after;
using phase_of = net::failure::phase_of;

reached_origin failed(phase_of phase, boost::system::error_code code, std::string words = {}) {
  return {.failure = net::failure{net::failure::side_of::upstream, phase, code, std::move(words)}};
}

/// What interchangeable legs have in common, except the program.
kept_upstreams::key place_of(const origin_call& call) {
  return {{}, call.goal.destination, call.hello.server_name, to_offer(call.hello.alpn), call.terms};
}

/// nullopt if the client's program is not known.
asio::awaitable<std::optional<kept_upstreams::key>> key_of(const origin_call& call) {
  auto key = place_of(call);
  key.program = co_await program_of(*call.observer);
  if (!key.program.known()) co_return std::nullopt;
  co_return key;
}

/// Uses the name that the client asked a proxy for, else the one in its ClientHello.
origin_place goal_of(const origin_call& call) {
  const auto& goal = call.goal;
  return {goal.destination, goal.name.empty() ? call.hello.server_name : goal.name, !call.hello.server_name.empty()};
}

asio::awaitable<std::optional<net::tls_stream>> take_kept(const origin_call& call) {
  if (!may_share(call) || !co_await call.services.kept->has_like(place_of(call))) co_return std::nullopt;
  auto key = co_await key_of(call);
  if (!key) co_return std::nullopt;
  co_return co_await call.services.kept->take(std::move(*key));
}

/// The origin may have refused what the client insists on.
std::string words_for(const net::tls_stream& upstream, const tls_terms& terms) {
  if (!terms.restricted()) return upstream.why();
  const std::string wanted = terms.at_least == tls_terms::tls_1_3 ? "TLS 1.3" : "what it offers";
  return upstream.why() + "; the client insists on " + wanted;
}

asio::awaitable<reached_origin> shake_hands(const origin_call& call, std::vector<std::string> offer) {
  auto connected = co_await connect_origin(call.services, goal_of(call), call.connected);
  if (!connected.socket) co_return failed(phase_of::connect, connected.error, std::move(connected.words));
  net::tls_stream upstream(std::move(*connected.socket), call.services.upstream_context, net::tls_stream::role::client);
  prepare_upstream(upstream, call.hello.server_name, offer, call.terms);
  // A session made under other terms might violate these.
  if (!call.terms.restricted()) call.services.resumable.offer(upstream.native());
  const auto shaken = co_await net::by(after(call.services.bounds.upstream_handshake), upstream.handshake());
  if (shaken.has_error()) {
    const bool loops = call.services.own != nullptr && call.services.own->came_back(upstream.socket());
    co_return loops ? failed(phase_of::connect, net::make_error_code(net::errc::came_back))
                    : failed(phase_of::handshake, shaken.error(), words_for(upstream, call.terms));
  }
  co_return reached_origin{std::move(upstream)};
}

}  // namespace

asio::awaitable<origin_socket> connect_origin(const session_services& services, origin_place place,
                                              std::optional<net::tcp::socket>& connected) {
  if (auto made = std::exchange(connected, std::nullopt)) co_return origin_socket{std::move(*made)};
  origin_socket reached;
  if (services.proxy != nullptr && goes_through(*services.proxy, place)) {
    reached =
        co_await connect_through(*services.proxy, place, after(services.bounds.upstream_connect), services.on_the_way);
  } else {
    auto direct =
        co_await connect_upstream(place.address, after(services.bounds.upstream_connect), services.on_the_way);
    if (direct.has_error()) {
      reached.error = direct.error();
    } else {
      reached.socket.emplace(std::move(*direct));
    }
  }
  if (reached.socket && services.own != nullptr) services.own->opened(*reached.socket);
  co_return reached;
}

asio::awaitable<reached_origin> reach_origin(origin_call call) {
  if (auto kept = co_await take_kept(call)) co_return reached_origin{std::move(kept), true};
  co_return co_await shake_hands(call, to_offer(call.hello.alpn));
}

asio::awaitable<reached_origin> reach_origin_anew(origin_call call, std::string protocol) {
  std::vector<std::string> offer;
  if (!protocol.empty()) offer.push_back(protocol);
  auto reached = co_await shake_hands(call, std::move(offer));
  if (!reached.upstream || picked_alpn(reached.upstream->native()) == protocol) co_return reached;
  co_return failed(phase_of::handshake, net::errc::tls_failure, "it speaks another protocol than a moment ago");
}

bool may_share(const origin_call& call) {
  if (call.services.kept == nullptr || call.observer == nullptr || call.hello.server_name.empty()) return false;
  // A name that a proxy was asked for may have another address.
  if (!call.goal.name.empty() && call.goal.name != call.hello.server_name) return false;
  return call.services.rules == nullptr || !call.services.rules->concern(call.hello.server_name);
}

asio::awaitable<void> leave_origin(origin_call call, net::tls_stream& upstream, net::deadline until) {
  if (auto key = co_await key_of(call)) {
    co_await call.services.kept->keep(std::move(*key), std::move(upstream), until);
  } else {
    upstream.shutdown_send();
  }
}

}  // namespace mitm
