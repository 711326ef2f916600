#pragma once

// A WebSocket of the API (RFC 6455) as its route sees it: messages in, messages out. The route reads in its own
// coroutine and starts tasks that write. socket_session implements it. Used on the connection's strand.

#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "app/http/message.hpp"
#include "net/errc.hpp"
#include "net/memory_budget.hpp"

namespace app {

class web_socket {
 public:
  struct message {
    std::string text;
    bool binary = false;
    net::memory_budget::share held{};  // covers it
  };

  /// The next message, of at most limits.api_body_size. Keep a read pending: it also answers pings. An error is the
  /// end: the client has gone, broke the protocol, or the socket was closed.
  virtual boost::asio::awaitable<net::result<message>> read() = 0;

  /// Sends a text message and resumes when the system has accepted it, so a client that does not read stops its writer.
  /// Tasks may write at once; each message goes out whole. An error is the end.
  virtual boost::asio::awaitable<net::result<void>> write(std::string_view text) = 0;

  /// Runs a task until it ends or the socket does, which cancels it. What it throws goes to the log.
  virtual void spawn(boost::asio::awaitable<void> task) = 0;

  /// Whether a message is being worked on. Otherwise the socket is idle: it ends after limits.api_idle, may have to
  /// give way to another connection, and ends at once when the service does. At first it is idle.
  virtual void busy(bool now) = 0;

  /// It ends as soon as it is idle.
  virtual bool leaving() const = 0;

 protected:
  ~web_socket() = default;
};

/// Serves one WebSocket, and returns when read() fails. `upgrade` is the request that opened it.
using api_talk = std::function<boost::asio::awaitable<void>(web_socket&, api_request upgrade)>;

}  // namespace app
