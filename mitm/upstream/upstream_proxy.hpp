#pragma once

// The proxy that origins are reached through where a network lets nothing else out: HTTP/1.1 CONNECT (RFC 9110, 9.3.6).
// The origin's leg connects through it; its user and password are never shown.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include "mitm/upstream/no_proxy.hpp"
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
  std::string why;  // in words; the text itself is never repeated
};

/// "http://[user:password@]host[:port]"; the scheme may be missing.
boost::system::result<upstream_proxy, bad_proxy> parse_upstream_proxy(std::string_view url);

/// Where a connection is to go.
struct origin_place {
  net::tcp::endpoint address;  // unspecified: the proxy resolves the name
  std::string_view name;       // empty: not known
  bool provider = false;       // a watched host, which is where its name says
};

/// What is on this machine is reached directly, unless it is a provider's name that says so.
bool goes_through(const upstream_proxy& proxy, const origin_place& place);

/// An origin that was reached, or why not.
struct origin_socket {
  std::optional<net::tcp::socket> socket = {};
  boost::system::error_code error = {};
  std::string words = {};  // the proxy's; empty: the code says all
};

/// A tunnel through the proxy. Errors: net::errc::proxy_refused, timed_out, or the system's.
asio::awaitable<origin_socket> connect_through(const upstream_proxy& proxy, origin_place place, net::deadline limit);

/// What the proxy's answer means: nothing is well, anything else is why not. `head` is whole.
boost::system::result<void, std::string> read_proxy_answer(std::string_view head);

}  // namespace mitm
