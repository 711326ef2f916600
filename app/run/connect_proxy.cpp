#include "app/run/connect_proxy.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <linux/netlink.h>
#include <openssl/crypto.h>
#include <unistd.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/base/random_id.hpp"
#include "app/linux/client_socket.hpp"
#include "net/as_result.hpp"
#include "net/by.hpp"
#include "net/http_head.hpp"
#include "net/wire/message_head.hpp"

namespace app::run {

using net::tcp;

namespace {

constexpr std::chrono::milliseconds accept_pause{100};  // when descriptors are short
constexpr std::string_view user = "zerogravity-run";
constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";
constexpr std::string_view refused = "HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view unknown = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view not_known_to_us =
    "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"zerogravity run\"\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view of_somebody_else =
    "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 54\r\nConnection: close\r\n\r\n"
    "this proxy serves one command of one user, not others\n";

std::string signed_answer() {
  return "HTTP/1.1 204 No Content\r\nServer: " + std::string(proxy_signature) + "\r\n\r\n";
}

/// As user info of a URL and as a field's value.
std::string field_of(const std::string& secret) {
  const auto url = "http://" + std::string(user) + ":" + secret + "@127.0.0.1:1";
  return mitm::parse_upstream_proxy(url)->authorization;
}

bool same_secret(std::string_view sent, std::string_view own) {
  return sent.size() == own.size() && CRYPTO_memcmp(sent.data(), own.data(), own.size()) == 0;
}

asio::awaitable<void> send_text(tcp::socket& client, std::string_view text) {
  // The text is shorter than any socket's buffer.
  co_await client.async_send(asio::buffer(text), net::as_result);
}

}  // namespace

std::optional<connect_target> parse_connect(std::string_view head) {
  constexpr std::string_view method = "CONNECT ";
  if (!head.starts_with(method)) return std::nullopt;
  head.remove_prefix(method.size());
  const auto authority = head.substr(0, head.find_first_of(" \r\n"));
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == authority.size()) return std::nullopt;
  auto host = authority.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  connect_target target{std::string(host), 0};
  const auto digits = authority.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), target.port);
  if (error != std::errc{} || end != digits.data() + digits.size() || target.port == 0) return std::nullopt;
  return target;
}

bool is_proxy_of_run(std::string_view url) {
  return url.starts_with("http://" + std::string(user) + ":");
}

connect_proxy::connect_proxy(net::worker_pool& workers, const run_limits& bounds, mitm::interceptor& interceptor)
    : workers_(workers),
      bounds_(bounds),
      secret_(random_id("")),
      authorization_(field_of(secret_)),
      interceptor_(interceptor),
      strand_(workers.strand()),
      tasks_(strand_, [](const std::string&) {}) {
  if (auto opened = netlink_socket::open(NETLINK_SOCK_DIAG)) kernel_.emplace(std::move(*opened));
}

std::string connect_proxy::url(const tcp::endpoint& endpoint) const {
  return "http://" + std::string(user) + ":" + secret_ + "@127.0.0.1:" + std::to_string(endpoint.port());
}

net::result<tcp::endpoint> connect_proxy::listen() {
  try {
    tcp::acceptor acceptor(strand_, {asio::ip::address_v4::loopback(), 0});
    const auto endpoint = acceptor.local_endpoint();
    tasks_.spawn(strand_, accept_from(std::move(acceptor)));
    return endpoint;
  } catch (const boost::system::system_error& error) {
    return error.code();
  }
}

asio::awaitable<void> connect_proxy::accept_from(tcp::acceptor acceptor) {
  for (;;) {
    co_await tasks_.below(bounds_.proxy_requests + 1);  // this task belongs to the group, too
    auto strand = workers_.strand();
    auto [error, client] = co_await acceptor.async_accept(strand, net::as_result);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      asio::steady_timer pause(co_await asio::this_coro::executor, accept_pause);
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    tasks_.spawn(strand, answer(std::move(client)));
  }
}

bool connect_proxy::is_ours(const tcp::socket& client) {
  boost::system::error_code gone;
  const auto from = client.remote_endpoint(gone);
  const auto to = gone ? tcp::endpoint() : client.local_endpoint(gone);
  if (gone) return false;
  std::lock_guard lock(asking_);
  // If the kernel cannot tell the user, the secret alone decides.
  if (!kernel_) return true;
  const auto socket = find_client_socket(*kernel_, from, to);
  return socket && socket->uid == ::geteuid();
}

std::optional<std::string_view> connect_proxy::refusal(const tcp::socket& client, std::string_view head) {
  if (!is_ours(client)) return of_somebody_else;
  const auto request = net::wire::parse_request_head(head);
  const auto field = request.has_value() ? request->fields.find("proxy-authorization") : std::nullopt;
  if (!field || !same_secret(*field, authorization_)) return not_known_to_us;
  return std::nullopt;
}

asio::awaitable<void> connect_proxy::answer(tcp::socket client) {
  const auto head =
      co_await net::by(net::after(bounds_.proxy_head), net::take_http_head(client, bounds_.proxy_head_size));
  if (!head.has_value()) co_return;
  if (const auto why = refusal(client, *head)) co_return co_await send_text(client, *why);
  if (head->starts_with("OPTIONS * ")) co_return co_await send_text(client, signed_answer());
  const auto target = parse_connect(*head);
  if (!target) co_return co_await send_text(client, refused);
  const auto* upstream = interceptor_.proxy();
  mitm::client_goal goal({asio::ip::address_v4(), target->port}, target->host);
  // If another proxy follows, that proxy resolves names.
  if (upstream == nullptr || !mitm::goes_through(*upstream, {goal.destination, goal.name})) {
    tcp::resolver resolver(client.get_executor());
    // The system sorts the addresses: the first one has a route.
    auto [error, found] = co_await resolver.async_resolve(target->host, std::to_string(target->port), net::as_result);
    if (error || found.empty()) co_return co_await send_text(client, unknown);
    goal.destination = found.begin()->endpoint();
  }
  co_await send_text(client, established);
  interceptor_.take(std::move(client), std::move(goal));
}

asio::awaitable<void> connect_proxy::end_on_strand() {
  tasks_.cancel();
  co_await tasks_.join();
}

asio::awaitable<void> connect_proxy::stop() {
  co_await asio::co_spawn(strand_, end_on_strand(), net::uncancelled());
}

}  // namespace app::run
