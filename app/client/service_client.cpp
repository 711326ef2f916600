#include "app/client/service_client.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <sys/un.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "app/http/key_file.hpp"
#include "app/http/peer.hpp"
#include "net/as_result.hpp"
#include "net/by.hpp"
#include "net/text/percent.hpp"

namespace app {
namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::string_view unix_scheme = "unix:";

struct origin {
  std::string host;  // without brackets
  std::string port;
  std::string authority;  // for the Host header
  std::string path{};     // of a Unix socket; empty: TCP
};

/// nullopt for anything but http://host[:port][/] and unix:/path.
std::optional<origin> origin_of(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (url.starts_with(unix_scheme)) {
    url.remove_prefix(unix_scheme.size());
    const bool usable = url.starts_with('/') && url.size() < sizeof(sockaddr_un::sun_path);
    return usable ? std::optional(origin{{}, {}, "localhost", std::string(url)}) : std::nullopt;
  }
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

http::request<http::string_body> message_of(const service_request& request, const origin& where, bool with_key) {
  const auto method = request.body.empty() ? http::verb::get : http::verb::post;
  http::request<http::string_body> message{method, request.target, 11, request.body};
  message.set(http::field::host, where.authority);
  message.set(http::field::user_agent, "zerogravity/" ZEROGRAVITY_VERSION);
  message.set(http::field::connection, "close");
  if (with_key) message.set(http::field::authorization, "Bearer " + request.key.text);
  if (!request.body.empty()) message.set(http::field::content_type, "application/json");
  message.prepare_payload();
  return message;
}

/// True if the listener is the key's owner or root, or its owner cannot be found.
bool is_right_server(api_socket& connected, const client_key& key) {
  if (!key.service_user) return true;
  const auto owner = find_server_owner(connected);
  return owner && (*owner == *key.service_user || *owner == 0);
}

asio::awaitable<boost::system::error_code> connect_to(api_socket& socket, const origin& where) {
  if (!where.path.empty()) {
    const asio::local::stream_protocol::endpoint at(where.path);
    auto [refused] = co_await socket.async_connect(at, net::as_result);
    co_return refused;
  }
  tcp::resolver resolver(socket.get_executor());
  auto [unknown, addresses] = co_await resolver.async_resolve(where.host, where.port, net::as_result);
  if (unknown) co_return unknown;
  tcp::socket connected(socket.get_executor());
  auto [refused, reached] = co_await asio::async_connect(connected, addresses, net::as_result);
  if (!refused) socket = std::move(connected);
  co_return refused;
}

/// Connects and sends the request.
asio::awaitable<net::result<int>> send(api_socket& socket, const service_request& request, const origin& where) {
  if (const auto refused = co_await connect_to(socket, where)) co_return refused;
  const bool right = is_right_server(socket, request.key);
  // While the service is down, another program may have taken the port: send it neither the key nor a prompt.
  if (!right && !request.body.empty())
    co_return boost::system::errc::make_error_code(boost::system::errc::permission_denied);
  const auto message = message_of(request, where, right && !request.key.text.empty());
  auto [unsent, sent] = co_await http::async_write(socket, message, net::as_result);
  if (unsent) co_return unsent;
  co_return 0;
}

asio::awaitable<net::result<service_answer>> ask(const service_request& request, const origin& where) {
  api_socket socket(co_await asio::this_coro::executor);
  if (const auto sent = co_await send(socket, request, where); sent.has_error()) co_return sent.error();
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> answer;
  answer.body_limit(max_answer);
  auto [broken, read] = co_await http::async_read(socket, buffer, answer, net::as_result);
  if (broken) co_return broken;
  std::string type = answer.get()[http::field::content_type];
  co_return service_answer{answer.get().result_int(), std::move(answer.get().body()), std::move(type)};
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

/// An answer whose body is read a block at a time as it arrives, whatever length it claims.
class line_reader {
 public:
  line_reader(api_socket& socket, const std::function<void(std::string_view)>& on_line)
      : socket_(socket), on_line_(on_line) {
    answer_.body_limit(boost::none);
  }

  asio::awaitable<net::result<int>> head() {
    auto [error, bytes] = co_await http::async_read_header(socket_, buffer_, answer_, net::as_result);
    if (error) co_return error;
    co_return 0;
  }

  asio::awaitable<net::result<service_answer>> body() {
    service_answer told{answer_.get().result_int(), {}, std::string(answer_.get()[http::field::content_type])};
    const bool lines = told.status == 200 && is_of(told, "application/x-ndjson");
    while (!answer_.is_done()) {
      answer_.get().body().data = block_.data();
      answer_.get().body().size = block_.size();
      auto [broken, read] = co_await http::async_read_some(socket_, buffer_, answer_, net::as_result);
      const auto known = told.body.size();
      told.body.append(block_.data(), block_.size() - answer_.get().body().size);
      if (lines && told.body.find('\n', known) != std::string::npos) tell_lines(told.body, on_line_);
      if (broken && broken != http::error::need_buffer) co_return broken;
      if (told.body.size() > max_line) co_return boost::system::error_code(http::error::body_limit);
    }
    co_return told;
  }

 private:
  api_socket& socket_;
  const std::function<void(std::string_view)>& on_line_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> answer_;
  std::array<char, 16 * 1024> block_{};
};

asio::awaitable<net::result<service_answer>> listen(const service_request& request, const origin& where,
                                                    const std::function<void(std::string_view)>& on_line) {
  api_socket socket(co_await asio::this_coro::executor);
  const auto limit = net::after(request.limit);
  const auto sent = co_await net::by(limit, send(socket, request, where));
  if (sent.has_error()) co_return sent.error();
  const auto answer = std::make_unique<line_reader>(socket, on_line);
  const auto head = co_await net::by(limit, answer->head());
  if (head.has_error()) co_return head.error();
  co_return co_await answer->body();
}

service_unreachable unreachable(const service_request& request, boost::system::error_code why) {
  if (why == asio::error::timed_out) {
    return {request.url + ": no answer within " + std::to_string(request.limit.count()) + " ms"};
  }
  if (why == http::error::body_limit) return not_the_service(request.url, "it sends more than an answer may hold");
  if (why == http::error::end_of_stream || why == http::error::partial_message || why == asio::error::eof) {
    return {request.url + ": the connection was closed before the answer was whole"};
  }
  const bool malformed = why.category() == make_error_code(http::error::bad_version).category();
  if (malformed) return not_the_service(request.url, "it does not speak HTTP: " + why.message());
  if (why == boost::system::errc::permission_denied) {
    return {request.url + ": another user's process has that address, and was sent nothing; the service is not there"};
  }
  return {request.url + ": " + why.message()};
}

service_unreachable no_url(const service_request& request) {
  return {request.url + ": expected a URL such as http://127.0.0.1:8741, or unix:/path"};
}

}  // namespace

boost::system::result<service_answer, service_unreachable> fetch(const service_request& request) {
  const auto where = origin_of(request.url);
  if (!where) return no_url(request);
  asio::io_context context;
  auto done = asio::co_spawn(context, net::by(net::after(request.limit), ask(request, *where)), asio::use_future);
  context.run();
  auto answer = done.get();
  if (answer.has_error()) return unreachable(request, answer.error());
  return std::move(*answer);
}

boost::system::result<service_answer, service_unreachable> fetch_lines(
    const service_request& request, const std::function<void(std::string_view)>& on_line) {
  const auto where = origin_of(request.url);
  if (!where) return no_url(request);
  asio::io_context context;
  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) context.stop();
  });
  std::optional<net::result<service_answer>> answer;
  asio::co_spawn(context, listen(request, *where, on_line),
                 [&](std::exception_ptr thrown, net::result<service_answer> result) {
                   if (thrown) result = boost::system::error_code(asio::error::no_memory);
                   answer.emplace(std::move(result));
                   signals.cancel();
                 });
  context.run();
  if (!answer) return service_answer{};
  if (answer->has_error()) return unreachable(request, answer->error());
  return std::move(**answer);
}

client_key key_for(const config& values) {
  if (!values.api.key.empty()) return {values.api.key};
  auto stored = read_api_key_file(values.state_dir);
  return stored ? client_key{std::move(stored->key), stored->owner} : client_key();
}

std::string service_url(const config& values) {
  const auto& all = values.api.listen;
  if (all.tcp.empty()) return all.paths.empty() ? std::string() : "unix:" + all.paths.front().native();
  const auto& listen = all.tcp.front();
  auto address = listen.address();
  if (address.is_unspecified()) {
    address = address.is_v6() ? asio::ip::address(asio::ip::address_v6::loopback()) : asio::ip::address_v4::loopback();
  }
  return "http://" + to_text({address, listen.port()});
}

std::string curl_words(const std::string& url, std::string_view target) {
  if (!url.starts_with(unix_scheme)) return "curl -s " + url + std::string(target);
  return "curl -s --unix-socket " + url.substr(unix_scheme.size()) + " http://localhost" + std::string(target);
}

std::string usage_target(const usage_command& command) {
  std::string query;
  const auto add = [&](std::string_view name, const std::string& value) {
    query.append(query.empty() ? "?" : "&").append(name).append("=").append(value);
  };
  if (command.start_time) add("start_time", std::to_string(*command.start_time));
  if (command.end_time) add("end_time", std::to_string(*command.end_time));
  if (!command.group_by.empty()) add("group_by", command.group_by);
  if (!command.conversation.empty()) add("conversation", net::text::percent_encoded(command.conversation));
  return (command.verify ? "/v1/usage/reconcile" : command.limits ? "/v1/limits" : "/v1/usage") + query;
}

std::string verification_target(const usage_command& command) {
  return std::string("/v1/usage/verify") + (command.apply ? "?apply=1" : "");
}

}  // namespace app
