#pragma once

// One connection of the HTTP API (RFC 9112): reads a request within its limits, checks who may ask, finds the route,
// writes the answer (answer.hpp), and again.

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
#include "app/linux/open_sockets.hpp"
#include "net/background_pool.hpp"
#include "net/memory_budget.hpp"

namespace app {

/// Runs on the session's strand. May throw: the client gets a 500 and on_fault the words.
using api_handler = std::function<asio::awaitable<api_response>(api_request)>;

struct api_route {
  std::string method;  // "GET" serves HEAD too
  std::string path;    // without a trailing slash, but for "/"; {name} stands for any one segment
  api_handler answer;
  bool open = false;     // answered without a key: says nothing that a stranger may not know
  bool watched = false;  // takes its time: a client that goes away cancels it
  bool inert = false;    // has no effect whatever is sent: not only JSON is let in
};

struct api_settings {
  std::string key;           // empty: none, and only those who need none are let in
  bool require_key = false;  // of everybody
  api_limits limits;
  std::vector<api_route> routes;
  std::vector<std::string> cors_origins{};  // web pages that may ask
  /// An exception of a handler, in its own words. From any thread.
  std::function<void(std::string_view request_id, std::string_view what)> on_fault;
  std::function<void()> on_end{};         // a connection ends; from any thread
  net::memory_budget* held = nullptr;     // of all bodies; null: without a bound
  net::background_pool* apart = nullptr;  // where large bodies are read; null: on the event loops
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
