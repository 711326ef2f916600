#pragma once

// Whether the HTTP/1.1 connection to an origin can serve another client when this one has gone (RFC 9112 §9.3), and for
// how long it may wait for one. One that saw an Upgrade (RFC 9110 §7.8) or a CONNECT serves nobody else, whatever came
// of it. Pure; the exchange tracker tells it what passes.

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
  /// Something was cut, not followed, or no HTTP.
  void spoil() { spoilt_ = true; }

  /// `most` at most; zero: it serves nobody else.
  std::chrono::milliseconds wait(std::chrono::milliseconds most) const;

 private:
  bool used_ = false;
  bool spoilt_ = false;
  std::optional<std::uint32_t> timeout_;  // seconds, of the last response
};

}  // namespace mitm
