#include "app/run/connect_proxy.hpp"

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/as_result.hpp"
#include "net/by.hpp"
#include "net/stream.hpp"

namespace app::run {

using net::tcp;

namespace {

constexpr std::chrono::milliseconds accept_pause{100};  // when descriptors are short
constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";
constexpr std::string_view refused = "HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view unknown = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";

/// Reads as far as the end of the head and no further: what follows is the tunnel's.
[[gnu::noinline]] net::io_step read_head(int socket, std::string& head) {
  std::array<char, 2048> buffer;
  const auto got = ::recv(socket, buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
  if (got == 0) return net::io_step::failed(asio::error::eof);
  if (got < 0 && errno == EAGAIN) return net::io_step::blocked(net::io_step::wait_for::readable);
  if (got < 0) return net::io_step::failed({errno, boost::system::system_category()});
  const auto before = head.size();
  head.append(buffer.data(), static_cast<std::size_t>(got));
  const auto end = head.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end != std::string::npos) head.resize(end + 4);
  ::recv(socket, buffer.data(), head.size() - before, MSG_DONTWAIT);
  return net::io_step::moved(head.size() - before);
}

asio::awaitable<net::result<std::string>> whole_head(tcp::socket& client, std::size_t most) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const auto step = read_head(client.native_handle(), head);
    if (step.error) co_return step.error;
    if (head.size() > most) co_return boost::system::error_code(asio::error::message_size);
    if (step.next == net::io_step::wait_for::nothing) continue;
    if (auto error = co_await net::wait_until(client, step.next)) co_return error;
  }
  co_return head;
}

asio::awaitable<void> say(tcp::socket& client, std::string_view text) {
  // Shorter than any socket's buffer.
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
  return connect_target{std::string(host), std::string(authority.substr(colon + 1))};
}

connect_proxy::connect_proxy(net::worker_pool& workers, const run_limits& bounds, mitm::interceptor& interceptor)
    : workers_(workers),
      bounds_(bounds),
      interceptor_(interceptor),
      strand_(workers.strand()),
      tasks_(strand_, [](const std::string&) {}) {}

net::result<tcp::endpoint> connect_proxy::listen() {
  try {
    tcp::acceptor acceptor(strand_, {asio::ip::address_v4::loopback(), 0});
    const auto at = acceptor.local_endpoint();
    tasks_.spawn(strand_, accept_from(std::move(acceptor)));
    return at;
  } catch (const boost::system::system_error& error) {
    return error.code();
  }
}

asio::awaitable<void> connect_proxy::accept_from(tcp::acceptor acceptor) {
  for (;;) {
    co_await tasks_.below(bounds_.proxy_requests + 1);  // this task is of the group as well
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

asio::awaitable<void> connect_proxy::answer(tcp::socket client) {
  const auto head = co_await net::by(net::after(bounds_.proxy_head), whole_head(client, bounds_.proxy_head_size));
  if (!head.has_value()) co_return;
  const auto target = parse_connect(*head);
  if (!target) co_return co_await say(client, refused);
  tcp::resolver resolver(client.get_executor());
  // The system sorts the addresses: the first is one that there is a route to.
  auto [error, found] = co_await resolver.async_resolve(target->host, target->port, net::as_result);
  if (error || found.empty()) co_return co_await say(client, unknown);
  const auto destination = found.begin()->endpoint();
  co_await say(client, established);
  interceptor_.take(std::move(client), destination);
}

asio::awaitable<void> connect_proxy::end_on_strand() {
  tasks_.cancel();
  co_await tasks_.join();
}

asio::awaitable<void> connect_proxy::stop() {
  co_await asio::co_spawn(strand_, end_on_strand(), net::uncancelled());
}

}  // namespace app::run
