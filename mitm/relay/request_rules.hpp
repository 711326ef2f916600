#pragma once

// Where a session asks whether anybody wants to change the requests of its connection. app implements it.

#include <memory>
#include <stop_token>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "mitm/policy/request_rewriter.hpp"
#include "mitm/relay/connection_events.hpp"

namespace mitm {

/// Called from the strands of all connections at once.
class request_rules {
 public:
  /// False: no rule can match, and the connection is relayed as it is.
  virtual bool concern(std::string_view host) const = 0;

  /// For a connection that is concerned. May wait until it is known who made it.
  virtual boost::asio::awaitable<std::unique_ptr<request_rewriter>> begin(const connection_facts& facts) = 0;

  /// Stops once there are other rules, which may concern what was not concerned before.
  virtual std::stop_token changing() const = 0;

 protected:
  ~request_rules() = default;
};

}  // namespace mitm
