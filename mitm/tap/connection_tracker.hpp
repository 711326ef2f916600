#pragma once

// The tap's view of one intercepted connection, whatever protocol it speaks: bytes of both directions in, exchanges out
// to an exchange_observer. Pure; the relay shows it every block after that block is on its way. Implementations:
// exchange_tracker (HTTP/1.1) and h2_tracker (HTTP/2).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mitm/tap/exchange_tap.hpp"

namespace mitm {

enum class side : std::uint8_t { downstream, upstream };

class connection_tracker {
 public:
  enum class phase : std::uint8_t {
    idle,      // no open exchange
    request,   // a request is being sent
    waiting,   // a request is sent, no byte of its response has come
    response,  // a response is arriving
    tunnel,    // upgraded, or the tap is detached: bytes have no meaning here
  };

  /// Exchanges that no close() ended end as `detached`.
  virtual ~connection_tracker() = default;
  connection_tracker(const connection_tracker&) = delete;
  connection_tracker& operator=(const connection_tracker&) = delete;

  /// Bytes as they passed. Never fails: what cannot be followed detaches the tap (detached_reason() tells why). A
  /// request has to be shown before the first byte that answers it: a response to nothing cannot be followed.
  virtual void observe(side sender, std::string_view bytes) = 0;

  /// `sender` will send no more.
  virtual void observe_end(side sender) = 0;

  /// The connection is over. Exchanges still open end with `outcome`; later calls are ignored.
  virtual void close(exchange_outcome outcome, std::string_view cause) = 0;

  virtual phase current() const noexcept = 0;
  /// Open exchanges, those whose response is arriving included.
  virtual std::size_t open() const noexcept = 0;
  /// There is an open exchange, and an answer of our own to it would still be well formed.
  virtual bool may_answer() const noexcept = 0;
  /// How long, `most` at most, the connection to the origin may wait for the requests of another client, now that no
  /// exchange is open. Zero: not at all.
  virtual std::chrono::milliseconds reusable_for(std::chrono::milliseconds most) const noexcept = 0;
  /// Why the tap gave up, in a few words; empty while it follows.
  virtual std::string_view detached_reason() const noexcept = 0;
  bool detached() const noexcept { return !detached_reason().empty(); }
  /// The answer to the last request has no body.
  bool last_is_head() const noexcept { return last_is_head_; }

 protected:
  connection_tracker() = default;

  bool last_is_head_ = false;
};

}  // namespace mitm
