#pragma once

// Changes requests of an intercepted connection: takes the bytes of both directions and returns the bytes to send in
// both. Pure; the rewriting relay drives it. Requests that no rule wants pass unchanged. It reports exchanges to an
// observer as the origin sees them: requests after their change, answers before theirs. Implementations: http1_rewriter
// and h2_rewriter.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mitm/policy/limits.hpp"
#include "mitm/policy/request_rewriter.hpp"
#include "mitm/rewrite/websocket_rewriter.hpp"
#include "mitm/tap/connection_tracker.hpp"
#include "net/memory_budget.hpp"

namespace mitm {

class connection_rewriter {
 public:
  using phase = connection_tracker::phase;

  /// Bytes that may wait for one side before no more are accepted for it.
  static constexpr std::size_t enough = 64 * 1024;

  virtual ~connection_rewriter() = default;
  connection_rewriter(const connection_rewriter&) = delete;
  connection_rewriter& operator=(const connection_rewriter&) = delete;

  virtual void feed(side sender, std::string_view bytes) = 0;
  /// `sender` will send no more. Not `clean`: it was cut off, so no body is complete.
  virtual void feed_end(side sender, bool clean) = 0;

  /// The next bytes for `receiver`; empty if there are none now.
  virtual std::string take(side receiver) = 0;
  /// More bytes from `sender` would only wait here. Read on after a take().
  virtual bool full(side sender) const = 0;
  /// No more bytes will come for `receiver`.
  virtual bool ended(side receiver) const = 0;

  /// The connection is over. Exchanges still open end with `outcome`.
  virtual void close(exchange_outcome outcome, std::string_view cause) = 0;

  virtual phase current() const = 0;
  /// Whether a local answer to the open exchange would be well formed.
  virtual bool may_answer() const = 0;
  /// The bytes of that answer, which ends the connection. Call it after close(), if may_answer() was true before.
  virtual std::string answer(const local_answer& last) = 0;
  /// Why requests are not changed any longer; empty while they are.
  virtual std::string_view detached_reason() const = 0;

 protected:
  connection_rewriter() = default;
};

/// `protocol` is as picked_alpn() returns it. `masks` are for the messages of WebSockets that are made anew. `held`
/// limits what all connections together may hold; null: no limit. Rules, observer and `held` outlive the rewriter.
std::unique_ptr<connection_rewriter> make_rewriter(request_rewriter& rules, exchange_observer& observer,
                                                   const limits& bounds, std::string_view protocol, mask_source masks,
                                                   net::memory_budget* held = nullptr);

}  // namespace mitm
