#pragma once

// One HTTP/2 request and its answer: h2_protocol fills and empties it, and the stream's task waits for it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "net/memory_budget.hpp"

namespace app {

/// The fields that the API reads. Of a repeated field, the first.
struct h2_request {
  std::string method;
  std::string target;
  std::string host;       // :authority, or the Host field if there is none
  std::size_t hosts = 0;  // as in HTTP/1.1; also 2 if :authority and Host differ
  std::string authorization;
  std::string origin;
  std::string fetch_site;  // Sec-Fetch-Site
  std::string requested_headers;
  std::string content_type;
  std::string content_encoding;
  std::string protocol;              // :protocol of an extended CONNECT (RFC 8441)
  std::string socket_version;        // Sec-WebSocket-Version
  std::string socket_extensions;     // Sec-WebSocket-Extensions
  std::string repeated;              // the name of one of these fields that is repeated
  std::uint64_t content_length = 0;  // 0 also if missing
  std::size_t size = 0;              // of all fields, as SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113 §6.5.2)

  /// Pseudo fields come first and only once each. Fields beyond `limit` are counted but not kept.
  void add(std::string_view name, std::string_view value, std::size_t limit);
};

struct h2_stream {
  explicit h2_stream(std::int32_t number) : id(number) {}

  const std::int32_t id;
  h2_request head;
  std::string body;
  bool body_wanted = false;          // see want_body()
  bool body_unwanted = false;        // see drop_body()
  bool body_whole = false;           // the client has ended the stream
  bool body_too_large = false;       // bytes beyond the limit were dropped
  bool body_refused = false;         // bytes beyond the budget were dropped
  bool tunnel = false;               // the body is what h2_tunnel has not read yet
  net::memory_budget::share held{};  // covers head and body
  std::size_t withheld = 0;          // received bytes for which the window was not reopened

  std::string out;         // of the answer's body; empty once all of it is taken
  std::size_t taken = 0;   // of `out`
  bool out_ended = false;  // nothing follows `out`
  bool answered = false;   // all of it was taken
  bool closed = false;     // by either side

  /// Called when any of these has changed. Must not call the protocol.
  std::function<void()> on_change;
};

}  // namespace app
