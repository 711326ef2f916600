#pragma once

// Finds the exchanges in the bytes of an intercepted connection and reports them to an exchange_observer. Pure; the
// relay shows it every block after that block was sent. Implementations: exchange_tracker (HTTP/1.1) and h2_tracker
// (HTTP/2).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mitm/tap/exchange_tap.hpp"

namespace mitm {

class connection_tracker {
 public:
  enum class phase : std::uint8_t {
    idle,      // no open exchange
    request,   // a request is being sent
    waiting,   // a request is sent, no byte of its response has come
    response,  // a response is arriving
    tunnel,    // upgraded, or the tap is detached: no exchange can follow
  };

  /// Without a close(), open exchanges end as `detached`.
  virtual ~connection_tracker() = default;
  connection_tracker(const connection_tracker&) = delete;
  connection_tracker& operator=(const connection_tracker&) = delete;

  /// Takes bytes as they passed. Never fails: if it cannot follow, the tap detaches (detached_reason() tells why). A
  /// request must be shown before the first byte of its response.
  virtual void observe(side sender, std::string_view bytes) = 0;

  /// `sender` will send no more.
  virtual void observe_end(side sender) = 0;

  /// The connection is over. Exchanges still open end with `outcome`; later calls are ignored.
  virtual void close(exchange_outcome outcome, std::string_view cause) = 0;

  virtual phase current() const noexcept = 0;
  /// Open exchanges, including those whose response is arriving.
  virtual std::size_t open() const noexcept = 0;
  /// True if there is an open exchange, and a local answer to it would be well formed.
  virtual bool may_answer() const noexcept = 0;
  /// How long, at most `most`, the idle connection to the origin may wait for another client's requests. Zero: not at
  /// all.
  virtual std::chrono::milliseconds reusable_for(std::chrono::milliseconds most) const noexcept = 0;
  /// Why the tap detached, in a few words; empty if it has not.
  virtual std::string_view detached_reason() const noexcept = 0;
  bool detached() const noexcept { return !detached_reason().empty(); }
  /// The last request was HEAD, so its answer has no body.
  bool last_is_head() const noexcept { return last_is_head_; }

 protected:
  connection_tracker() = default;

  bool last_is_head_ = false;
};

}  // namespace mitm
