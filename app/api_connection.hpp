#pragma once

// One connection of the HTTP API: what the sessions, the answers and the watch for the client's leaving share. All of it
// on the connection's strand.

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

}  // namespace app
