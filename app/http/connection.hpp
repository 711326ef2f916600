#pragma once

// One connection of the HTTP API: what the sessions, the answers and the watch for the client's leaving share. All of
// it on the connection's strand.

#include <optional>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <boost/beast/core/flat_buffer.hpp>

#include "app/http/peer.hpp"
#include "app/http/session.hpp"

namespace app {

struct api_connection {
  /// Bytes beyond a whole head that are taken in ahead of their turn.
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
  /// A user of this machine, or an address of another; of IPv6 the network, of which a machine has all addresses.
  std::string client_name();
};

}  // namespace app
