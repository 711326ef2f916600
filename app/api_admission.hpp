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

/// What admission looks at. The views live as long as the head.
struct request_line {
  std::string_view method;
  std::string_view target;  // origin form or absolute form
  bool http_1_0 = false;
  std::size_t hosts = 0;  // how many Host fields there are
  std::string_view host;
  std::string_view authorization;
  asio::ip::address local;  // the address that the client connected to
};

struct admitted_request {
  const api_route* route = nullptr;
  api_request request;  // without its body
};

boost::system::result<admitted_request, api_response> admit(const request_line& line, std::span<const api_route> routes,
                                                            const bearer_key& key);

/// Whether a Host means this machine by itself: localhost, a loopback address, or `local`, each with any port.
bool is_own_host(std::string_view host, const asio::ip::address& local);

}  // namespace app
