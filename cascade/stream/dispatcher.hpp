#pragma once

// Gives each request the language server of the moment: one client per server process, shared by all requests, and a
// place among the turns that may run at once. Entered from any strand.

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include "cascade/rpc/client.hpp"
#include "cascade/rpc/limits.hpp"
#include "cascade/stream/turnstile.hpp"
#include "cascade/stream/update_stream_kind.hpp"
#include "cascade/supervisor/supervisor.hpp"

namespace cascade {

struct dispatcher_options {
  dispatcher_limits limits;
  channel_options channel;
  client_options client;
};

/// One server process with what is known of it; kept by everybody who talks to it.
struct server_session {
  server_session(running_server running, channel connection, client_options options)
      : server(std::move(running)), calls(std::move(connection), std::move(options)) {}

  running_server server;
  client calls;
  stream_kind_memory kinds;
};

using session_ptr = std::shared_ptr<server_session>;

/// Why a request gets no server now.
struct dispatch_refusal {
  enum class cause : std::uint8_t {
    unavailable,    // none is ready; try again in `retry_after`
    misconfigured,  // trying again does not help
    busy,           // too many turns run and wait; try again in `retry_after`
    cancelled,
  };
  cause why = cause::unavailable;
  std::string message;
  std::chrono::seconds retry_after{1};
};

template <class T>
using dispatch_result = boost::system::result<T, dispatch_refusal>;

/// A server and a place on it.
struct turn_place {
  session_ptr session;
  turnstile::place place;
};

class dispatcher {
 public:
  /// `servers` outlives it, and every session that it gave out is gone before it is.
  dispatcher(supervisor& servers, dispatcher_options options);

  /// For calls that run no turn: at once, or refused.
  asio::awaitable<dispatch_result<session_ptr>> session();

  /// For a turn: waits for a place, in order of arrival.
  asio::awaitable<dispatch_result<turn_place>> enter();

  /// A call to that server ended in `failure`: one that says it is gone or stuck makes the supervisor look.
  void failed(const server_session& session, const rpc_failure& failure);
  /// How that server's cascades are followed, as a turn found out.
  void found(const server_session& session, stream_kind kind);

  std::size_t waiting() const { return turns_.waiting(); }
  std::size_t running() const { return options_.limits.turns - turns_.free(); }
  const dispatcher_limits& limits() const { return options_.limits; }

 private:
  dispatch_refusal no_server(boost::system::error_code why) const;
  dispatch_refusal no_place(boost::system::error_code why) const;

  supervisor& servers_;
  dispatcher_options options_;
  turnstile turns_;
  std::mutex mutex_;     // guards current_; held while a channel is made
  session_ptr current_;  // of the generation seen last
};

}  // namespace cascade
