#include "net/failure.hpp"

namespace net {

std::string_view to_string(failure::side_of side) {
  switch (side) {
    case failure::side_of::downstream:
      return "downstream";
    case failure::side_of::upstream:
      return "upstream";
    case failure::side_of::internal:
      return "internal";
  }
  return "internal";
}

std::string_view to_string(failure::phase_of phase) {
  switch (phase) {
    case failure::phase_of::accept:
      return "accept";
    case failure::phase_of::inspect:
      return "inspect";
    case failure::phase_of::connect:
      return "connect";
    case failure::phase_of::handshake:
      return "handshake";
    case failure::phase_of::request:
      return "request";
    case failure::phase_of::response:
      return "response";
    case failure::phase_of::tunnel:
      return "tunnel";
  }
  return "accept";
}

}  // namespace net
