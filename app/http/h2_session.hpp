#pragma once

// An HTTP API connection on which the client began with HTTP/2's preface (RFC 9113 §3.3, prior knowledge): reads for
// all streams, starts a task for each request (h2_exchange.hpp), and sends the protocol's output as far as the socket
// accepts it. Runs on the connection's strand.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "app/http/connection.hpp"
#include "app/http/exchange.hpp"
#include "app/http/h2_protocol.hpp"
#include "net/task_group.hpp"
#include "net/watchdog.hpp"

namespace app {

class h2_session {
 public:
  /// `strand` is the caller's.
  h2_session(api_connection& peer, asio::any_io_executor strand);

  /// Serves until the connection ends. Must be awaited to its end.
  asio::awaitable<next_step> run();

  /// Accepts no new streams; open ones go on. On the strand.
  void leave();

  // For the tasks of streams.

  h2_protocol& protocol() { return protocol_; }
  api_connection& peer() { return peer_; }
  /// Sends pending output. Call it after every call to the protocol.
  void pump();
  /// The socket accepts no more bytes now.
  bool blocked() const { return blocked_; }
  /// A stream's task is done and no longer counts.
  void served() { --serving_; }
  /// A stream has become an idle WebSocket, which does not count as a request. `leave` is called when the connection is
  /// to end.
  void add_socket(std::int32_t id, std::function<void()> leave);
  void socket_busy(bool now);
  /// It is idle.
  void remove_socket(std::int32_t id);

 private:
  /// What the watchdog waits for: the head of a stream, by its id; any stream (no_stream); or nothing.
  static constexpr std::int32_t no_stream = 0;
  static constexpr std::int32_t nothing = -1;

  asio::awaitable<void> read_all();
  asio::awaitable<void> go_on_when_writable();
  void read_away();
  void start_requests();
  void watch();
  void expired();
  void end();

  api_connection& peer_;
  asio::any_io_executor strand_;
  h2_protocol protocol_;
  net::task_group tasks_;
  std::map<std::int32_t, std::function<void()>> sockets_;  // how each is asked to end
  std::size_t idle_sockets_ = 0;
  std::size_t serving_ = 0;  // running tasks of streams; the group notices an end slightly later
  net::watchdog watchdog_;
  std::int32_t awaited_ = nothing;
  std::string out_;       // taken from the protocol
  std::size_t sent_ = 0;  // of it
  bool blocked_ = false;
  bool ended_ = false;  // no more reads or writes
  next_step last_ = next_step::linger;
};

/// The preface is in the connection's buffer.
asio::awaitable<next_step> serve_api_h2(api_connection& peer);

}  // namespace app
