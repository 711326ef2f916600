#pragma once

// Whether the HTTP/1.1 connection to an origin can serve another client after this one (RFC 9112 §9.3), and how long it
// may wait for one. It cannot after an Upgrade (RFC 9110 §7.8) or CONNECT, even a refused one. Pure; the exchange
// tracker drives it.

#include <chrono>
#include <cstdint>
#include <optional>

#include "net/wire/message_head.hpp"

namespace mitm {

class reuse_terms {
 public:
  void request(const net::wire::request_head& head);
  void response(const net::wire::response_head& head);  // a final one
  void exchange_complete() { used_ = true; }
  /// Something was truncated, could not be followed, or was not HTTP.
  void spoil() { spoilt_ = true; }

  /// At most `most`; zero: it serves no other client.
  std::chrono::milliseconds wait(std::chrono::milliseconds most) const;

 private:
  bool used_ = false;
  bool spoilt_ = false;
  std::optional<std::uint32_t> timeout_;  // seconds, of the last response
};

}  // namespace mitm
