#pragma once

// What the parts of one session share: the session, the client's leg and the origin's leg. Lives in the frame of
// serve(), on the connection's strand.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "mitm/policy/tls_terms.hpp"
#include "mitm/relay/connection_events.hpp"
#include "mitm/session.hpp"
#include "net/failure.hpp"

namespace mitm {

struct session_state {
  session_services services;
  std::shared_ptr<const intercept_policy> policy;
  client_goal goal;
  session_report report;
  std::optional<net::tcp::socket> connected = {};  // to the origin, until it becomes a leg
  tls_terms terms = {};                            // of the leg to the origin
  leaf_key leaf = leaf_key::ecdsa;                 // what the client is shown
  std::string hello_kind = {};                     // tells unknown programs apart
  std::unique_ptr<connection_observer> observer;   // set once the client's identity matters

  const limits& bounds() const { return services.bounds; }
  const std::string& host() const { return report.facts.host; }

  void observe() {
    if (!observer) observer = services.events.on_intercepted(report.facts);
  }

  /// The key for the bypass list.
  client_program identified(client_program program) const {
    if (program.executable.empty()) program.hello = hello_kind;
    return program;
  }

  void fail(net::failure::side_of side, net::failure::phase_of phase, boost::system::error_code code,
            std::string detail = {}) {
    report.failure = net::failure{side, phase, code, std::move(detail)};
  }
};

}  // namespace mitm
