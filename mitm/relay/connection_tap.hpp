#pragma once

// What looks into one intercepted connection, by the protocol that its ALPN settled on: the tracker that the relay
// shows the bytes to, and the answer of our own that would fit into that protocol. The session owns it.

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

  /// A whole answer that ends the connection, to what was open when the tracker was closed. Only if the tracker said
  /// that it may be answered.
  std::string answer(const net::failure& failure, std::string_view host) const;

 private:
  std::optional<exchange_tracker> http1_;
  std::unique_ptr<h2_tracker> h2_;  // apart: connections that do not need it are many
};

}  // namespace mitm
