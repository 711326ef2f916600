#pragma once

// One connection of the HTTP API on which the client began with HTTP/2's preface (RFC 9113 §3.3, prior knowledge):
// reads for all its streams, gives each request a task (h2_exchange.hpp), and sends what the protocol has to say as
// far as the socket takes it. All of it on the connection's strand.

#include <cstdint>
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

  /// Serves until the connection ends. To be awaited to its end.
  asio::awaitable<next_step> run();

  /// No new streams; those under way go on. On the strand.
  void leave();

  // What a stream's task needs.

  h2_protocol& protocol() { return protocol_; }
  api_connection& peer() { return peer_; }
  /// Sends what there is. To be called after the protocol was.
  void pump();
  /// The socket takes nothing now.
  bool blocked() const { return blocked_; }
  /// A stream's task has done all it does; it counts no more.
  void served() { --serving_; }

 private:
  /// What the watchdog waits for: a stream's head by its number, no_stream for any stream, nothing.
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
  std::size_t serving_ = 0;  // of these, the streams' that go on; the group hears of an end a moment later
  net::watchdog watchdog_;
  std::int32_t awaited_ = nothing;
  std::string out_;       // taken from the protocol
  std::size_t sent_ = 0;  // of it
  bool blocked_ = false;
  bool ended_ = false;  // nothing is read or sent any more
  next_step last_ = next_step::linger;
};

/// The preface is in the connection's buffer.
asio::awaitable<next_step> serve_api_h2(api_connection& peer);

}  // namespace app
