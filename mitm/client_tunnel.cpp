#include "mitm/client_tunnel.hpp"

#include <array>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <boost/asio/write.hpp>

#include "net/as_result.hpp"
#include "net/by.hpp"
#include "net/http_head.hpp"
#include "net/wire/message_head.hpp"

namespace mitm {
namespace {

using net::tcp;

asio::awaitable<net::result<std::string>> pass_head(tcp::socket& sender, tcp::socket& receiver, std::size_t most) {
  auto head = co_await net::take_http_head(sender, most);
  if (head.has_error()) co_return head.error();
  const auto [error, bytes] = co_await asio::async_write(receiver, asio::buffer(*head), net::as_result);
  if (error) co_return error;
  co_return std::move(*head);
}

asio::awaitable<net::result<passed_connect>> pass_both(tcp::socket& client, tcp::socket& proxy, std::size_t most) {
  passed_connect passed;
  const auto asked = co_await pass_head(client, proxy, most);
  if (asked.has_error()) co_return asked.error();
  passed.bytes_up = asked->size();
  for (;;) {
    const auto answer = co_await pass_head(proxy, client, most);
    if (answer.has_error()) co_return answer.error();
    passed.bytes_down += answer->size();
    const auto head = net::wire::parse_response_head(*answer);
    if (head.has_error()) co_return head.error();
    if (head->status / 100 == 1) continue;
    passed.tunnel = head->status / 100 == 2;
    co_return passed;
  }
}

}  // namespace

bool begins_connect(tcp::socket& client) {
  constexpr std::string_view method = "CONNECT ";
  std::array<char, method.size()> begin{};
  const auto got = ::recv(client.native_handle(), begin.data(), begin.size(), MSG_PEEK | MSG_DONTWAIT);
  return got == static_cast<ssize_t>(begin.size()) && std::string_view(begin.data(), begin.size()) == method;
}

asio::awaitable<net::result<passed_connect>> pass_connect(tcp::socket& client, tcp::socket& proxy,
                                                          const limits& bounds) {
  // The proxy is connecting and may take as long as for any answer.
  co_return co_await net::by(net::after(bounds.request_stall), pass_both(client, proxy, bounds.head_size));
}

asio::awaitable<net::result<std::size_t>> pass_some(tcp::socket& sender, tcp::socket& receiver) {
  std::array<char, 4096> block;
  const auto [ended, got] = co_await sender.async_read_some(asio::buffer(block), net::as_result);
  if (ended == asio::error::eof) co_return std::size_t{0};
  if (ended) co_return ended;
  const auto [error, sent] = co_await asio::async_write(receiver, asio::buffer(block.data(), got), net::as_result);
  if (error) co_return error;
  co_return got;
}

}  // namespace mitm
