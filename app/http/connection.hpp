#pragma once

// One connection of the HTTP API: what its session, its answers and the watch for the client's departure share. Used on
// the connection's strand.

#include <optional>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <boost/beast/core/flat_buffer.hpp>

#include "app/http/peer.hpp"
#include "app/http/session.hpp"

namespace app {

struct api_connection {
  /// Bytes beyond a complete head that are read ahead.
  static constexpr std::size_t read_ahead = 16'384;

  api_connection(api_socket accepted, api_service& served)
      : socket(std::move(accepted)),
        client(find_api_peer(socket)),
        local(local_address(socket)),
        service(served),
        buffer(served.settings.limits.head_size + read_ahead),
        place(served.sockets, client_name(), client.is_same_user(),
              [handle = socket.native_handle()] { ::shutdown(handle, SHUT_RD); }) {}

  const api_limits& limits() const { return service.settings.limits; }

  api_socket socket;
  api_peer client;          // who connected
  asio::ip::address local;  // what the client connected to
  api_service& service;
  boost::beast::flat_buffer buffer;
  open_sockets::entry place;

 private:
  /// A user of this machine, or the address of another machine. For IPv6 the network, since a machine may use all of
  /// its addresses.
  std::string client_name();
};

}  // namespace app
