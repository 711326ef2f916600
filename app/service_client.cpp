#include "app/service_client.hpp"

#include <algorithm>
#include <csignal>
#include <future>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "net/as_result.hpp"
#include "net/by.hpp"

namespace app {
namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::uint64_t max_answer = 64 << 20;

struct origin {
  std::string host;  // without brackets
  std::string port;
  std::string authority;  // for the Host header
};

/// Nothing for anything but http://host[:port][/].
std::optional<origin> origin_of(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.empty() || url.find_first_of("/?#@ ") != std::string_view::npos) return std::nullopt;
  const bool literal = url.starts_with('[');
  const auto host_end = literal ? url.find(']') : url.find(':');
  if (literal && host_end == std::string_view::npos) return std::nullopt;
  const auto host = literal ? url.substr(1, host_end - 1) : url.substr(0, host_end);
  const auto rest = url.substr(std::min(url.size(), host_end + (literal ? 1 : 0)));  // empty or ":port"
  if (!rest.empty() && rest.front() != ':') return std::nullopt;
  const auto port = rest.empty() ? std::string_view("80") : rest.substr(1);
  if (host.empty() || port.empty()) return std::nullopt;
  return origin{std::string(host), std::string(port), std::string(url)};
}

http::request<http::string_body> message_of(const service_request& request, const origin& where) {
  const auto method = request.body.empty() ? http::verb::get : http::verb::post;
  http::request<http::string_body> message{method, request.target, 11, request.body};
  message.set(http::field::host, where.authority);
  message.set(http::field::user_agent, "zerogravity/" ZEROGRAVITY_VERSION);
  message.set(http::field::connection, "close");
  if (!request.key.empty()) message.set(http::field::authorization, "Bearer " + request.key);
  if (!request.body.empty()) message.set(http::field::content_type, "application/json");
  message.prepare_payload();
  return message;
}

/// Connects and sends the request.
asio::awaitable<net::result<int>> send(tcp::socket& socket, const service_request& request, const origin& where) {
  tcp::resolver resolver(socket.get_executor());
  auto [unknown, addresses] = co_await resolver.async_resolve(where.host, where.port, net::as_result);
  if (unknown) co_return unknown;
  auto [refused, reached] = co_await asio::async_connect(socket, addresses, net::as_result);
  if (refused) co_return refused;
  const auto message = message_of(request, where);
  auto [unsent, sent] = co_await http::async_write(socket, message, net::as_result);
  if (unsent) co_return unsent;
  co_return 0;
}

asio::awaitable<net::result<service_answer>> ask(const service_request& request, const origin& where) {
  tcp::socket socket(co_await asio::this_coro::executor);
  if (const auto sent = co_await send(socket, request, where); sent.has_error()) co_return sent.error();
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> answer;
  answer.body_limit(max_answer);
  auto [broken, read] = co_await http::async_read(socket, buffer, answer, net::as_result);
  if (broken) co_return broken;
  co_return service_answer{answer.get().result_int(), std::move(answer.get().body())};
}

/// Takes the whole lines out of `text`.
void tell_lines(std::string& text, const std::function<void(std::string_view)>& on_line) {
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    on_line(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  text.erase(0, begin);
}

asio::awaitable<net::result<int>> read_head(tcp::socket& socket, boost::beast::flat_buffer& buffer,
                                            http::response_parser<http::string_body>& answer) {
  auto [error, bytes] = co_await http::async_read_header(socket, buffer, answer, net::as_result);
  if (error) co_return error;
  co_return 0;
}

asio::awaitable<net::result<service_answer>> listen(const service_request& request, const origin& where,
                                                    const std::function<void(std::string_view)>& on_line) {
  tcp::socket socket(co_await asio::this_coro::executor);
  const auto limit = net::after(request.limit);
  const auto sent = co_await net::by(limit, send(socket, request, where));
  if (sent.has_error()) co_return sent.error();
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> answer;
  answer.body_limit(boost::none);
  const auto head = co_await net::by(limit, read_head(socket, buffer, answer));
  if (head.has_error()) co_return head.error();
  const unsigned status = answer.get().result_int();
  while (!answer.is_done()) {
    auto [broken, read] = co_await http::async_read_some(socket, buffer, answer, net::as_result);
    if (status == 200) tell_lines(answer.get().body(), on_line);
    if (broken) co_return broken;
  }
  co_return service_answer{status, std::move(answer.get().body())};
}

}  // namespace

boost::system::result<service_answer, service_unreachable> fetch(const service_request& request) {
  const auto where = origin_of(request.url);
  if (!where) return service_unreachable{request.url + ": expected a URL such as http://127.0.0.1:8741"};
  asio::io_context context;
  auto done = asio::co_spawn(context, net::by(net::after(request.limit), ask(request, *where)), asio::use_future);
  context.run();
  auto answer = done.get();
  if (answer.has_error()) return service_unreachable{request.url + ": " + answer.error().message()};
  return std::move(*answer);
}

boost::system::result<service_answer, service_unreachable> fetch_lines(
    const service_request& request, const std::function<void(std::string_view)>& on_line) {
  const auto where = origin_of(request.url);
  if (!where) return service_unreachable{request.url + ": expected a URL such as http://127.0.0.1:8741"};
  asio::io_context context;
  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) context.stop();
  });
  std::optional<net::result<service_answer>> answer;
  asio::co_spawn(context, listen(request, *where, on_line),
                 [&](std::exception_ptr, net::result<service_answer> result) {
                   answer.emplace(std::move(result));
                   signals.cancel();
                 });
  context.run();
  if (!answer) return service_answer{};
  if (answer->has_error()) return service_unreachable{request.url + ": " + answer->error().message()};
  return std::move(**answer);
}

std::string service_url(const config& values) {
  const auto& listen = values.api.listen.front();
  auto address = listen.address();
  if (address.is_unspecified()) {
    address = address.is_v6() ? asio::ip::address(asio::ip::address_v6::loopback()) : asio::ip::address_v4::loopback();
  }
  const auto text = address.to_string();
  return "http://" + (address.is_v6() ? '[' + text + ']' : text) + ':' + std::to_string(listen.port());
}

/// RFC 3986 §2.3: everything but unreserved characters.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::string usage_target(const usage_command& command) {
  std::string query;
  const auto add = [&](std::string_view name, const std::string& value) {
    query.append(query.empty() ? "?" : "&").append(name).append("=").append(value);
  };
  if (command.start_time) add("start_time", std::to_string(*command.start_time));
  if (command.end_time) add("end_time", std::to_string(*command.end_time));
  if (!command.group_by.empty()) add("group_by", command.group_by);
  if (!command.conversation.empty()) add("conversation", percent_encoded(command.conversation));
  return (command.verify ? "/v1/usage/reconcile" : "/v1/usage") + query;
}

}  // namespace app
