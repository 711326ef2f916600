#pragma once

// The upstream proxy, for networks that allow no direct connections: HTTP/1.1 CONNECT (RFC 9110, 9.3.6). The origin's
// leg connects through it. Its user and password are never shown.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include "mitm/upstream/no_proxy.hpp"
#include "mitm/upstream/redirect_pass.hpp"
#include "net/by.hpp"
#include "net/errc.hpp"
#include "net/stream.hpp"

namespace mitm {

namespace asio = boost::asio;

struct upstream_proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization;  // of Proxy-Authorization; empty: none
  no_proxy exempt;

  /// For messages: without user and password.
  std::string name() const;
};

struct bad_proxy {
  std::string why;  // in words, without the text itself
};

/// Parses "http://[user:password@]host[:port]"; the scheme is optional.
boost::system::result<upstream_proxy, bad_proxy> parse_upstream_proxy(std::string_view url);

/// The destination of a connection.
struct origin_place {
  net::tcp::endpoint address;  // unspecified: the proxy resolves the name
  std::string_view name;       // empty: not known
  bool provider = false;       // the name is that of a watched host
};

/// Destinations on this machine are reached directly, unless they have a provider's name.
bool goes_through(const upstream_proxy& proxy, const origin_place& place);

/// The connection to an origin, or why there is none.
struct origin_socket {
  std::optional<net::tcp::socket> socket = {};
  boost::system::error_code error = {};
  std::string words = {};  // the proxy's message; may be empty
};

/// Opens a tunnel through the proxy. Errors: net::errc::proxy_refused, timed_out, or the system's.
asio::awaitable<origin_socket> connect_through(const upstream_proxy& proxy, origin_place place, net::deadline limit,
                                               redirects on_the_way = redirects::followed);

/// Whether the proxy agreed; the error says why not. `head` is complete.
boost::system::result<void, std::string> read_proxy_answer(std::string_view head);

}  // namespace mitm
