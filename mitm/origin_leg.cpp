#include "mitm/origin_leg.hpp"

#include <utility>

#include "mitm/alpn.hpp"
#include "mitm/upstream.hpp"

namespace mitm {
namespace {

using net::after;
using phase_of = net::failure::phase_of;

reached_origin failed(phase_of phase, boost::system::error_code code, std::string words = {}) {
  return {.failure = net::failure{net::failure::side_of::upstream, phase, code, std::move(words)}};
}

/// What legs that can stand for each other have in common; nothing if the client's user is not known.
asio::awaitable<std::optional<kept_upstreams::key>> key_of(const origin_call& call) {
  const auto user = co_await call.observer->user();
  if (!user) co_return std::nullopt;
  co_return kept_upstreams::key{*user, call.destination, call.hello.server_name, followable(call.hello.alpn)};
}

asio::awaitable<std::optional<net::tls_stream>> take_kept(const origin_call& call) {
  if (!may_share(call) || call.with.kept->size() == 0) co_return std::nullopt;
  auto key = co_await key_of(call);
  if (!key) co_return std::nullopt;
  co_return co_await call.with.kept->take(std::move(*key));
}

}  // namespace

asio::awaitable<net::result<net::tcp::socket>> connect_origin(const session_services& with,
                                                              net::tcp::endpoint destination,
                                                              std::optional<net::tcp::socket>& connected) {
  if (auto made = std::exchange(connected, std::nullopt)) co_return std::move(*made);
  co_return co_await connect_upstream(destination, after(with.bounds.upstream_connect));
}

asio::awaitable<reached_origin> reach_origin(origin_call call) {
  if (auto kept = co_await take_kept(call)) co_return reached_origin{std::move(kept), true};
  auto connected = co_await connect_origin(call.with, call.destination, call.connected);
  if (connected.has_error()) co_return failed(phase_of::connect, connected.error());
  net::tls_stream upstream(std::move(*connected), call.with.upstream_context, net::tls_stream::role::client);
  prepare_upstream(upstream, call.hello.server_name, followable(call.hello.alpn));
  call.with.resumable.offer(upstream.native());
  const auto shaken = co_await net::by(after(call.with.bounds.upstream_handshake), upstream.handshake());
  if (shaken.has_error()) co_return failed(phase_of::handshake, shaken.error(), upstream.why());
  co_return reached_origin{std::move(upstream)};
}

bool may_share(const origin_call& call) {
  return call.with.kept != nullptr && call.observer != nullptr && !call.hello.server_name.empty();
}

asio::awaitable<void> leave_origin(origin_call call, net::tls_stream& upstream, net::deadline until) {
  if (auto key = co_await key_of(call)) {
    co_await call.with.kept->keep(std::move(*key), std::move(upstream), until);
  } else {
    upstream.shutdown_send();
  }
}

}  // namespace mitm
