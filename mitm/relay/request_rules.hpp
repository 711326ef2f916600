#pragma once

// Lets a session ask whether rules want to change the requests of its connection. app implements it.

#include <memory>
#include <stop_token>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "mitm/policy/request_rewriter.hpp"
#include "mitm/relay/connection_events.hpp"

namespace mitm {

/// Called from the strands of all connections concurrently.
class request_rules {
 public:
  /// False: no rule can match, and the connection is relayed unchanged.
  virtual bool concern(std::string_view host) const = 0;

  /// For a concerned connection. May wait until its program is known.
  virtual boost::asio::awaitable<std::unique_ptr<request_rewriter>> begin(const connection_facts& facts) = 0;

  /// Stops once the rules change, since they may now concern other hosts.
  virtual std::stop_token changing() const = 0;

 protected:
  ~request_rules() = default;
};

}  // namespace mitm
