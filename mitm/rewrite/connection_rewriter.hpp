#pragma once

// One intercepted connection some of whose requests are changed on their way: bytes of both directions in, bytes for
// both directions out. Pure; the rewriting relay drives it. Requests that no rule wants pass as they come. It tells the
// exchanges to an observer as the origin sees them: a request after its change, an answer before. Implementations:
// http1_rewriter and h2_rewriter.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mitm/policy/limits.hpp"
#include "mitm/policy/request_rewriter.hpp"
#include "mitm/tap/connection_tracker.hpp"
#include "net/memory_budget.hpp"

namespace mitm {

class connection_rewriter {
 public:
  using phase = connection_tracker::phase;

  /// Bytes that wait for one side, beyond which nothing more is taken in for it.
  static constexpr std::size_t enough = 64 * 1024;

  virtual ~connection_rewriter() = default;
  connection_rewriter(const connection_rewriter&) = delete;
  connection_rewriter& operator=(const connection_rewriter&) = delete;

  virtual void feed(side sender, std::string_view bytes) = 0;
  /// `sender` will send no more. Not `clean`: it was cut off, which completes nothing.
  virtual void feed_end(side sender, bool clean) = 0;

  /// What to send to `receiver` next; empty: nothing for now.
  virtual std::string take(side receiver) = 0;
  /// More from `sender` could only wait here: read on once something was taken.
  virtual bool full(side sender) const = 0;
  /// Nothing will be sent to `receiver` any more.
  virtual bool ended(side receiver) const = 0;

  /// The connection is over. Exchanges still open end with `outcome`.
  virtual void close(exchange_outcome outcome, std::string_view cause) = 0;

  virtual phase current() const = 0;
  /// An answer of our own to what is open would still be well formed.
  virtual bool may_answer() const = 0;
  /// The bytes of that answer, which ends the connection; after close(), if may_answer() was true then.
  virtual std::string answer(const local_answer& last) = 0;
  /// Why requests are not changed any longer; empty while they are.
  virtual std::string_view detached_reason() const = 0;

 protected:
  connection_rewriter() = default;
};

/// `protocol` as picked_alpn() says it. `held`: what all connections together may hold; null: without a bound. What it
/// refers to outlives it.
std::unique_ptr<connection_rewriter> make_rewriter(request_rewriter& rules, exchange_observer& observer,
                                                   const limits& bounds, std::string_view protocol,
                                                   net::memory_budget* held = nullptr);

}  // namespace mitm
