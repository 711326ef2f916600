#pragma once

// One request of the HTTP API from its head to its answer, whatever version of HTTP carries it: who may ask, the route,
// the body, the handler. What differs between the versions is the carrier, which their sessions implement.

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

/// What one answer needs to know of its request.
struct api_exchange {
  std::string request_id;
  std::chrono::steady_clock::time_point begun;
  bool head_only = false;        // HEAD
  bool http_1_0 = false;         // knows no chunks
  bool keep_alive = false;       // HTTP/1.1: after this answer
  std::string allowed_origin{};  // of the web page that asks; empty: none, or one that may not
};

/// What becomes of the connection after an answer; in HTTP/2, of the stream.
enum class next_step : std::uint8_t {
  another,
  linger,
  close,
  reset,  // so that what was sent does not pass for whole
};

class api_carrier {
 public:
  /// Instead of a body: the answer that refuses it; nothing where nobody is left to read one.
  using body_result = boost::system::result<received_body, std::optional<api_response>>;

  /// Reads the body within its limits and the budget. Once. Not `expected`: the route has no use for one, and a short
  /// one is passed over.
  virtual asio::awaitable<body_result> body(bool expected) = 0;

  virtual asio::awaitable<next_step> answer(api_response made) = 0;

  /// The connection has a place that is kept for whoever owns the service, and for what anybody may ask.
  virtual bool reserved() const = 0;

  /// Ends when the client has gone away.
  virtual asio::awaitable<void> departure() = 0;

  api_exchange exchange;

 protected:
  explicit api_carrier(api_exchange begun) : exchange(std::move(begun)) {}
  ~api_carrier() = default;
};

/// `head` lives until it resumes.
asio::awaitable<next_step> serve_exchange(api_carrier& carrier, const api_head& head, const api_service& service);

}  // namespace app
