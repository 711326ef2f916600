#pragma once

// Serves one connection of the HTTP API (RFC 9112): reads a request within its limits, checks admission, finds the
// route, writes the answer (answer.hpp), and repeats.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "app/base/endpoint.hpp"
#include "app/http/bearer_key.hpp"
#include "app/http/limits.hpp"
#include "app/http/message.hpp"
#include "app/http/peer.hpp"
#include "app/http/web_socket.hpp"
#include "app/linux/open_sockets.hpp"
#include "net/background_pool.hpp"
#include "net/memory_budget.hpp"

namespace app {

/// Runs on the session's strand. If it throws, the client gets a 500 and on_fault the message.
using api_handler = std::function<asio::awaitable<api_response>(api_request)>;

struct api_route {
  std::string method;  // "GET" serves HEAD too
  std::string path;    // no trailing slash except "/"; {name} matches any one segment
  api_handler answer;
  bool open = false;     // needs no key: reveals nothing confidential
  bool watched = false;  // slow: cancelled if the client goes away
  bool inert = false;    // never has an effect, so the body need not be JSON
  api_talk talk{};       // serves those who ask for a WebSocket; null: they get the answer of all
};

struct api_settings {
  std::string key;           // empty: no key, so only clients that need none get in
  bool require_key = false;  // from everybody
  api_limits limits;
  std::vector<api_route> routes;
  std::vector<std::string> cors_origins{};  // web pages that may send requests
  /// Gets the message of a handler's exception. From any thread.
  std::function<void(std::string_view request_id, std::string_view what)> on_fault;
  std::function<void()> on_end{};         // called when a connection ends; from any thread
  net::memory_budget* held = nullptr;     // of all bodies; null: unlimited
  net::background_pool* apart = nullptr;  // reads large bodies; null: the event loops do
};

/// What all sessions share.
struct api_service {
  explicit api_service(api_settings given)
      : settings(std::move(given)),
        key(settings.key),
        sockets({settings.limits.connections, settings.limits.peer_connections}) {}

  api_settings settings;
  bearer_key key;
  open_sockets sockets;
};

/// `service` outlives the session.
asio::awaitable<void> serve_api_connection(api_socket socket, api_service& service);

}  // namespace app
