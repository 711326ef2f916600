#pragma once

// Why a session failed. It is logged, counted and mapped to an HTTP status. A session has at most one.

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>

namespace net {

struct failure {
  enum class side_of : std::uint8_t { downstream, upstream, internal };
  enum class phase_of : std::uint8_t { accept, inspect, connect, handshake, request, response, tunnel };

  side_of side = side_of::internal;
  phase_of phase = phase_of::accept;
  boost::system::error_code code;
  std::string detail;  // the peer's or the library's own words; never payload
};

std::string_view to_string(failure::side_of side);
std::string_view to_string(failure::phase_of phase);

}  // namespace net
