#pragma once

// Decides from a request's head which route it gets, or which answer refuses it. Pure; the session calls it before it
// reads a body. A web page must be named in the configuration, whoever's browser it is in. The service's user and root
// are identified by their connection; everybody else needs the key.

#include <optional>
#include <span>
#include <string_view>

#include <boost/asio/ip/address.hpp>
#include <boost/system/result.hpp>

#include "app/http/bearer_key.hpp"
#include "app/http/message.hpp"
#include "app/http/peer.hpp"
#include "app/http/session.hpp"

namespace app {

/// The relevant parts of a head, as views of it.
struct api_head {
  std::string_view method;
  std::string_view target;  // origin form or absolute form
  bool http_1_0 = false;
  std::size_t hosts = 0;  // how many Host fields there are
  std::string_view host;
  std::string_view authorization;
  std::string_view origin;             // the web page that asks
  std::string_view fetch_site;         // Sec-Fetch-Site: how the page relates to us, according to the browser
  std::string_view requested_headers;  // Access-Control-Request-Headers
  std::string_view content_type;
  std::string_view content_encoding;
  bool socket = false;        // asks for a WebSocket (RFC 6455 §4.2.1, or RFC 8441 with the method CONNECT)
  std::string_view repeated;  // the name of one of these fields that is repeated; empty: none is
  asio::ip::address local;    // the address that the client connected to
  api_peer client;            // who connected
};

/// By the service's rules.
struct access_rules {
  const bearer_key& key;
  bool require_key = false;
  std::span<const std::string> cors_origins{};
};

struct admitted_request {
  const api_route* route = nullptr;
  api_request request;  // without its body
};

boost::system::result<admitted_request, api_response> admit(const api_head& head, std::span<const api_route> routes,
                                                            const access_rules& rules);

/// Refuses a body that is not declared as JSON: a page can make a browser send other types without a preflight. Called
/// once the body has come, because a request without one needs no type.
std::optional<api_response> refuse_content_type(const api_head& head, const api_route& route, bool has_body);

/// Whether a Host names this machine: localhost, a loopback address, or `local`, each with any port.
bool is_own_host(std::string_view host, const asio::ip::address& local);

/// "[::1]:80" → "::1", "localhost:80" → "localhost".
std::string_view without_port(std::string_view host);

}  // namespace app
