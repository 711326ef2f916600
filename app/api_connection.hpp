#pragma once

// One connection of the HTTP API and the request that it answers now: what the session, its answers and its watch for
// the client's leaving share. All of it on the session's strand.

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "app/api_session.hpp"

namespace app {

struct api_connection {
  /// Bytes beyond a whole head that are taken in ahead of their turn.
  static constexpr std::size_t read_ahead = 16'384;

  api_connection(asio::ip::tcp::socket accepted, api_service& of)
      : socket(std::move(accepted)), service(of), buffer(of.settings.limits.head_size + read_ahead) {}

  const api_limits& limits() const { return service.settings.limits; }

  asio::ip::tcp::socket socket;
  api_service& service;
  boost::beast::flat_buffer buffer;
};

/// What one answer needs to know of its request.
struct api_exchange {
  std::string request_id;
  std::chrono::steady_clock::time_point begun;
  bool head_only = false;        // HEAD
  bool http_1_0 = false;         // knows no chunks
  bool keep_alive = false;       // after this answer
  std::string allowed_origin{};  // of the web page that asks; empty: none, or one that may not
};

/// What becomes of the connection after an answer.
enum class next_step : std::uint8_t {
  another,
  linger,
  close,
  reset,  // so that what was sent does not pass for whole
};

}  // namespace app
