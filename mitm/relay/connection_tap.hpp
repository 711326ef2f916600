#pragma once

// Looks into an intercepted connection, using the protocol that ALPN negotiated. It holds the tracker that the relay
// shows the bytes to, and makes local answers in that protocol. The session owns it.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mitm/policy/limits.hpp"
#include "mitm/tap/exchange_tracker.hpp"
#include "mitm/tap/h2_tracker.hpp"
#include "net/failure.hpp"

namespace mitm {

class connection_tap {
 public:
  /// `observer` outlives the tap.
  connection_tap(exchange_observer& observer, const limits& bounds, std::string_view protocol);

  connection_tracker& tracker();

  /// The bytes of a local answer to what was open when the tracker was closed. It ends the connection. Call it only if
  /// the tracker's may_answer() was true.
  std::string answer(const net::failure& failure, std::string_view host) const;

 private:
  std::optional<exchange_tracker> http1_;
  std::unique_ptr<h2_tracker> h2_;  // on the heap: many connections do not need it
};

}  // namespace mitm
