#pragma once

// Gives each request the current language server, through one client per server process that all requests share, and a
// place among the turns that may run at once. Used from any strand.

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

/// One server process and what is known of it. Everybody who talks to it shares ownership.
struct server_session {
  server_session(running_server running, channel connection, client_options options)
      : server(std::move(running)), calls(std::move(connection), std::move(options)) {}

  running_server server;
  client calls;
  stream_kind_memory kinds;
};

using session_ptr = std::shared_ptr<server_session>;

/// Why a request gets no server.
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
  /// `servers` outlives the dispatcher. Every session ends before it is destroyed.
  dispatcher(supervisor& servers, dispatcher_options options);

  /// For calls that run no turn. Does not wait.
  asio::awaitable<dispatch_result<session_ptr>> session();

  /// For a turn. Waits for a place, in order of arrival.
  asio::awaitable<dispatch_result<turn_place>> enter();

  /// Report here that a call to that server failed. If the failure says that the server is gone or stuck, the
  /// supervisor checks.
  void failed(const server_session& session, const rpc_failure& failure);
  /// Report here how a turn follows that server's cascades.
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
