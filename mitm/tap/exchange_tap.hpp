#pragma once

// How a tracker reports one HTTP exchange (RFC 9110 §3.4), and the tunnel that may follow it. The owner of the tap
// implements these classes; the tracker calls them.

#include <cstdint>
#include <memory>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"
#include "net/wire/message_head.hpp"

namespace mitm {

enum class side : std::uint8_t { downstream, upstream };

enum class exchange_outcome : std::uint8_t {
  complete,            // request and response were complete, or a side ended after a complete early response
  downstream_aborted,  // the client went away first
  upstream_aborted,    // the origin went away first
  timed_out,           // one of our limits ended it
  failed,              // answered locally: the origin could not be reached or trusted
  detached,            // the tap could not follow; the bytes passed unseen
};

/// What passes after an upgrade (101), or inside a stream whose CONNECT was granted. Must not throw or call the
/// tracker.
class tunnel_tap {
 public:
  virtual ~tunnel_tap() = default;
  /// The rules have a note about a message of the client. Called before its first byte.
  virtual void on_rewritten(const rewrite_note&) {}
  virtual void on_bytes(side sender, std::string_view bytes) = 0;
  /// Called exactly once, last. Complete only on HTTP/2, where both sides can end a stream.
  virtual void on_end(exchange_outcome outcome, std::string_view cause) = 0;
};

/// One exchange. Calls come strictly in this order: request body pieces, request end, response head, response body
/// pieces, end. An early response may come before the request's end. Bodies are dechunked but still content-encoded.
/// Taps and observers must not throw or call the tracker, which is in the middle of a change.
class exchange_tap {
 public:
  virtual ~exchange_tap() = default;
  /// Called first, if the rules have a note about this request.
  virtual void on_rewritten(const rewrite_note&) {}
  virtual void on_request_body(std::string_view piece) = 0;
  virtual void on_request_end() = 0;
  virtual void on_response(const net::wire::response_head& head) = 0;  // the final one, never 1xx except 101
  virtual void on_response_body(std::string_view piece) = 0;
  /// The answer turns the connection or stream into a tunnel. Called between on_response() and on_end(). nullptr: its
  /// bytes are of no interest.
  virtual std::unique_ptr<tunnel_tap> on_tunnel() { return nullptr; }
  /// Called exactly once, last. `cause` explains an outcome other than complete, and may be empty.
  virtual void on_end(exchange_outcome outcome, std::string_view cause) = 0;
};

/// Makes the taps of one connection. The views in `head` are valid only during the call.
class exchange_observer {
 public:
  /// nullptr: the exchange is of no interest. It is still tracked.
  virtual std::unique_ptr<exchange_tap> on_request(const net::wire::request_head& head) = 0;

 protected:
  ~exchange_observer() = default;
};

}  // namespace mitm
