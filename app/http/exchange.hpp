#pragma once

// One request of the HTTP API from its head to its answer, in any version of HTTP: admission, route, body, handler. The
// versions differ in the carrier, which their sessions implement.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include "app/http/admission.hpp"
#include "app/http/body.hpp"
#include "app/http/message.hpp"
#include "app/http/session.hpp"

namespace app {

/// What an answer needs to know about its request.
struct api_exchange {
  std::string request_id;
  std::chrono::steady_clock::time_point begun;
  bool head_only = false;        // HEAD
  bool http_1_0 = false;         // no chunked coding
  bool keep_alive = false;       // HTTP/1.1: after this answer
  std::string allowed_origin{};  // of the requesting web page; empty: none, or not allowed
};

/// What happens to the connection after an answer; in HTTP/2, to the stream.
enum class next_step : std::uint8_t {
  another,
  linger,
  close,
  reset,  // so that nobody takes the answer for complete
};

class api_carrier {
 public:
  /// The error is the answer that refuses the body, or nullopt if the client has gone.
  using body_result = boost::system::result<received_body, std::optional<api_response>>;

  /// Reads the body within its limits and the budget. Call it once. Not `expected`: the route needs no body, and a
  /// short one is skipped.
  virtual asio::awaitable<body_result> body(bool expected) = 0;

  virtual asio::awaitable<next_step> answer(api_response made) = 0;

  /// Accepts the WebSocket that the head asks for, and returns when it has ended.
  virtual asio::awaitable<next_step> talk(const api_talk& talk, api_request request) = 0;

  /// The connection has one of the places reserved for the service's user and for open routes.
  virtual bool reserved() const = 0;

  /// Returns when the client has gone.
  virtual asio::awaitable<void> departure() = 0;

  api_exchange exchange;

 protected:
  explicit api_carrier(api_exchange begun) : exchange(std::move(begun)) {}
  ~api_carrier() = default;
};

/// `head` must outlive the call.
asio::awaitable<next_step> serve_exchange(api_carrier& carrier, const api_head& head, const api_service& service);

}  // namespace app
