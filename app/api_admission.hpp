#pragma once

// Who may ask what: from the head of a request to its route, or the answer that refuses it. Pure; the session drives it
// before it reads a body.

#include <span>
#include <string_view>

#include <boost/asio/ip/address.hpp>
#include <boost/system/result.hpp>

#include "app/api_message.hpp"
#include "app/api_session.hpp"
#include "app/bearer_key.hpp"

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
  std::string_view requested_headers;  // Access-Control-Request-Headers
  std::string_view content_type;
  std::string_view content_encoding;
  asio::ip::address local;  // the address that the client connected to
};

struct admitted_request {
  const api_route* route = nullptr;
  api_request request;  // without its body
};

boost::system::result<admitted_request, api_response> admit(const api_head& head, std::span<const api_route> routes,
                                                            const bearer_key& key);

/// The Origin of a web page that may ask; empty for any other.
std::string_view allowed_origin(const api_head& head, std::span<const std::string> allowed);

/// What a browser asks before it lets a page of an allowed origin ask.
bool is_preflight(const api_head& head, std::string_view allowed_origin);
api_response preflight_answer(const api_head& head);

/// Whether a Host means this machine by itself: localhost, a loopback address, or `local`, each with any port.
bool is_own_host(std::string_view host, const asio::ip::address& local);

}  // namespace app
