#include "mitm/upstream/upstream_proxy.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include <boost/asio/write.hpp>

#include "net/as_result.hpp"
#include "net/http_head.hpp"
#include "net/text/ascii.hpp"
#include "net/text/base64.hpp"
#include "net/text/percent.hpp"
#include "net/wire/message_head.hpp"

namespace mitm {
namespace {

using net::tcp;

constexpr std::size_t max_answer = 64 * 1024;  // bytes of one head from the proxy
constexpr int max_interim = 8;                 // 1xx answers before the real one
constexpr std::uint16_t default_port = 80;
constexpr std::size_t max_reason = 80;  // bytes of the proxy's message that are shown

/// nullopt where a % begins no valid escape.
std::optional<std::string> percent_decoded(std::string_view text) {
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 1))
    if (!net::text::escaped_byte(text, at)) return std::nullopt;
  return net::text::percent_decoded(text);
}

/// Parses "host", "host:port" or "[v6]:port" into `proxy`. False: it is none of these.
bool read_authority(std::string_view text, upstream_proxy& proxy) {
  const auto closing = text.starts_with('[') ? text.find(']') : 0;
  if (closing == std::string_view::npos) return false;
  const auto colon = text.find(':', closing);
  const auto host = text.substr(0, colon);
  proxy.host = closing != 0 ? host.substr(1, closing - 1) : host;
  proxy.port = default_port;
  if (proxy.host.empty() || (closing != 0 && host.size() != closing + 1)) return false;
  if (colon == std::string_view::npos) return true;
  const auto digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), proxy.port);
  return error == std::errc{} && end == digits.data() + digits.size() && proxy.port != 0;
}

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

/// "host:port" for the request, by name so that the proxy resolves it.
std::string authority_of(const origin_place& place) {
  const auto port = std::to_string(place.address.port());
  if (!place.name.empty() && printable(place.name)) {
    const bool v6 = place.name.find(':') != std::string_view::npos;
    return (v6 ? "[" + std::string(place.name) + "]" : std::string(place.name)) + ":" + port;
  }
  const auto address = place.address.address().to_string();
  return (place.address.address().is_v6() ? "[" + address + "]" : address) + ":" + port;
}

std::string request_for(const upstream_proxy& proxy, const std::string& authority) {
  std::string text = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!proxy.authorization.empty()) text += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  return text + "\r\n";
}

asio::awaitable<net::result<void>> reach_proxy(const upstream_proxy& proxy, tcp::socket& socket, redirects on_the_way) {
  tcp::resolver resolver(socket.get_executor());
  auto [error, found] = co_await resolver.async_resolve(proxy.host, std::to_string(proxy.port), net::as_result);
  for (const auto& each : found) {
    boost::system::error_code ignored;
    socket.close(ignored);
    socket.open(each.endpoint().protocol(), error);
    if (error) continue;
    if (on_the_way == redirects::passed) mark_to_pass(socket);
    std::tie(error) = co_await socket.async_connect(each.endpoint(), net::as_result);
    if (!error || error == asio::error::operation_aborted) break;
  }
  if (error) co_return error;
  if (on_the_way == redirects::passed) unmark(socket);
  co_return net::result<void>{};
}

struct answered {
  std::string words = {};
  boost::system::error_code error = {};
};

asio::awaitable<net::result<answered>> ask(tcp::socket& proxy, std::string request) {
  const auto [sent, bytes] = co_await asio::async_write(proxy, asio::buffer(request), net::as_result);
  if (sent) co_return sent;
  for (int interim = 0; interim <= max_interim; ++interim) {
    const auto head = co_await net::take_http_head(proxy, max_answer);
    if (head.has_error() && head.error() != asio::error::eof) co_return head.error();
    if (head.has_error()) co_return answered{"it closed the connection", head.error()};
    if (head->starts_with("HTTP/1.1 1") || head->starts_with("HTTP/1.0 1")) continue;
    const auto read = read_proxy_answer(*head);
    if (read) co_return answered{};
    co_return answered{read.error(), net::make_error_code(net::errc::proxy_refused)};
  }
  co_return answered{"it answered 1xx again and again", net::make_error_code(net::errc::proxy_refused)};
}

}  // namespace

std::string upstream_proxy::name() const {
  const bool v6 = host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

boost::system::result<upstream_proxy, bad_proxy> parse_upstream_proxy(std::string_view url) {
  constexpr std::string_view expected = "expected http://[user:password@]host:port";
  constexpr std::string_view scheme_mark = "://";
  if (const auto mark = url.find(scheme_mark); mark != std::string_view::npos) {
    if (!net::text::iequals(url.substr(0, mark), "http")) {
      return bad_proxy{"only http:// proxies are spoken to (what goes through them is TLS all the same)"};
    }
    url.remove_prefix(mark + scheme_mark.size());
  }
  if (const auto path = url.find('/'); path != std::string_view::npos) {
    if (path + 1 != url.size()) return bad_proxy{std::string(expected) + ", without a path"};
    url = url.substr(0, path);
  }
  upstream_proxy made;
  if (const auto at_sign = url.rfind('@'); at_sign != std::string_view::npos) {
    const auto credentials = percent_decoded(url.substr(0, at_sign));
    if (!credentials) {
      return bad_proxy{std::string(expected) + ", its user and password with %XX for special characters"};
    }
    const auto pair = credentials->find(':') == std::string::npos ? *credentials + ":" : *credentials;
    made.authorization = "Basic " + net::text::base64_encoded(pair);
    url.remove_prefix(at_sign + 1);
  }
  if (!printable(url) || !read_authority(url, made)) return bad_proxy{std::string(expected)};
  return made;
}

bool goes_through(const upstream_proxy& proxy, const origin_place& place) {
  const auto& address = place.address.address();
  const bool local_name = place.name == "localhost" || place.name.ends_with(".localhost");
  if (local_name || (address.is_loopback() && (!place.provider || place.name.empty()))) return false;
  if (!place.name.empty() && address.is_unspecified()) {
    boost::system::error_code not_literal;
    const auto literal = asio::ip::make_address(place.name, not_literal);
    if (!not_literal && literal.is_loopback()) return false;
  }
  return !proxy.exempt.covers(place.name, address);
}

boost::system::result<void, std::string> read_proxy_answer(std::string_view head) {
  const auto answer = net::wire::parse_response_head(head);
  if (answer.has_error()) return std::string("it does not answer as an HTTP proxy");
  if (answer->status / 100 == 2) return {};
  std::string words = "it answered " + std::to_string(answer->status);
  if (const auto reason = answer->reason.substr(0, max_reason); !reason.empty()) words += " " + std::string(reason);
  if (answer->status == 407) words += "; user and password belong into its URL: http://user:password@host:port";
  return words;
}

asio::awaitable<origin_socket> connect_through(const upstream_proxy& proxy, origin_place place, net::deadline limit,
                                               redirects on_the_way) {
  const std::string about = "the proxy " + proxy.name();
  tcp::socket socket(co_await asio::this_coro::executor);
  const auto reached = co_await net::by(limit, reach_proxy(proxy, socket, on_the_way));
  if (reached.has_error()) co_return origin_socket{{}, reached.error(), about + " cannot be reached"};
  const auto said = co_await net::by(limit, ask(socket, request_for(proxy, authority_of(place))));
  if (said.has_error()) co_return origin_socket{{}, said.error(), about + " did not answer"};
  if (said->error) co_return origin_socket{{}, said->error, about + ": " + said->words};
  co_return origin_socket{std::move(socket), {}, {}};
}

}  // namespace mitm
