#pragma once

// Who may ask what: from the head of a request to its route, or the answer that refuses it. Pure; the session drives it
// before it reads a body. A web page must be named in the configuration, whoever's browser it is in. The service's own
// user and root are known by their connection; everybody else has the key.

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

/// What is read of a head. The views live as long as the head.
struct api_head {
  std::string_view method;
  std::string_view target;  // origin form or absolute form
  bool http_1_0 = false;
  std::size_t hosts = 0;  // how many Host fields there are
  std::string_view host;
  std::string_view authorization;
  std::string_view origin;             // the web page that asks
  std::string_view fetch_site;         // Sec-Fetch-Site: where that page is from, as the browser sees it
  std::string_view requested_headers;  // Access-Control-Request-Headers
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view repeated;  // the name of one of these fields that comes more than once; empty: none does
  asio::ip::address local;    // the address that the client connected to
  api_peer client;            // who connected
};

/// By what the service lets in.
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

/// Refuses a body that does not say that it is JSON: what a page can make a browser send without asking first is not.
/// Once the body is there: a request without one need not say what it is.
std::optional<api_response> refuse_content_type(const api_head& head, const api_route& route, bool has_body);

/// Whether a Host means this machine by itself: localhost, a loopback address, or `local`, each with any port.
bool is_own_host(std::string_view host, const asio::ip::address& local);

/// "[::1]:80" → "::1", "localhost:80" → "localhost".
std::string_view without_port(std::string_view host);

}  // namespace app
