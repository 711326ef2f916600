#pragma once

// What the exchange tracker tells about one HTTP exchange (RFC 9110 §3.4), and to whom. The tap's owner implements both
// classes; the tracker drives them.

#include <cstdint>
#include <memory>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"
#include "net/wire/message_head.hpp"

namespace mitm {

enum class exchange_outcome : std::uint8_t {
  complete,            // request and response were seen whole, or a side ended once an early response was whole
  downstream_aborted,  // the client went away first
  upstream_aborted,    // the origin went away first
  timed_out,           // one of our limits ended it
  failed,              // answered by us: the origin could not be reached or trusted
  detached,            // the tap could not follow; the bytes went on unseen
};

/// One exchange, called strictly in this order: request body pieces, request end, response head, response body pieces,
/// end. An early response may come before the request's end. Bodies are dechunked but still content-encoded.
/// Neither a tap nor the observer may throw or call the tracker: its own state would be half changed.
class exchange_tap {
 public:
  virtual ~exchange_tap() = default;
  /// First, if rules were asked about this request and had something to say.
  virtual void on_rewritten(const rewrite_note&) {}
  virtual void on_request_body(std::string_view piece) = 0;
  virtual void on_request_end() = 0;
  virtual void on_response(const net::wire::response_head& head) = 0;  // the final one, never 1xx except 101
  virtual void on_response_body(std::string_view piece) = 0;
  /// Exactly once, last. `cause` says more where the outcome is not complete, and may be empty.
  virtual void on_end(exchange_outcome outcome, std::string_view cause) = 0;
};

/// Makes the taps of one connection. Views in `head` are valid during the call only.
class exchange_observer {
 public:
  /// nullptr: this exchange is of no interest; it is still tracked.
  virtual std::unique_ptr<exchange_tap> on_request(const net::wire::request_head& head) = 0;

 protected:
  ~exchange_observer() = default;
};

}  // namespace mitm
