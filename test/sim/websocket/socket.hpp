#pragma once

// One accepted WebSocket (RFC 6455, RFC 7692): whole messages in, messages out in the frames that the behaviour asks
// for. Used on the connection's strand, by one reader and any number of senders.

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "test/sim/exchange.hpp"

namespace sim::websocket {

class socket {
 public:
  /// `x`, whose head asks for the upgrade, outlives the socket.
  socket(exchange& x, const behaviour& terms);

  /// False: the client did not ask in the right way, and was told so.
  asio::awaitable<bool> accept();
  /// False: the socket has ended, whoever ended it.
  asio::awaitable<bool> read(std::string& message);
  /// Messages of several senders do not mix. Throws boost::system::system_error when the socket has ended.
  asio::awaitable<void> send(std::string_view message, bool binary, const behaviour& how);
  /// Closes the TCP connection.
  void cut();

 private:
  asio::awaitable<void> write(std::string_view message, bool pinged);

  exchange& exchange_;
  boost::beast::websocket::stream<tls_stream&> stream_;
  std::unique_ptr<char[]> room_;  // what is being read
  asio::steady_timer free_;       // cancelled whenever a sender is done
  bool busy_ = false;
};

}  // namespace sim::websocket
