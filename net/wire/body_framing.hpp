#pragma once

// How the body behind a head ends: RFC 9112 §6.3, decided once per message by the exchange tracker.

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/wire/message_head.hpp"

namespace net::wire {

struct body_framing {
  enum class kind : std::uint8_t { none, length, chunked, until_close, tunnel };

  kind how = kind::none;
  std::uint64_t length = 0;  // bytes, for kind::length

  bool operator==(const body_framing&) const = default;
};

/// Errors: malformed for anything that two readers could frame differently (Content-Length beside Transfer-Encoding,
/// different lengths, a coding other than a final chunked). An observer must give up rather than guess: it does not
/// know how the origin reads it.
result<body_framing> frame_request(const request_head& head);

/// `request_method` is that of the exchange's request: HEAD has no body whatever the head says, a 2xx to CONNECT and
/// a 101 turn the connection into a tunnel. Interim responses (1xx except 101) have kind::none. Follows what clients
/// (curl, Node, Python) do with faulty heads, since the client is who reads the body. Errors: malformed where they
/// disagree or refuse: different lengths, a coding behind chunked, a length beside a coding other than chunked.
result<body_framing> frame_response(const response_head& head, std::string_view request_method);

/// What is unusual about a framing that frame_response() takes (a few words), so that other readers may disagree;
/// empty: nothing.
std::string_view odd_framing(const response_head& head, std::string_view request_method);

/// Whether the connection ends after this message: `Connection: close`, or HTTP/1.0 without keep-alive.
bool closes_connection(int minor_version, const header_fields& fields);

/// After how many idle seconds the sender says it will end the connection: `Keep-Alive: timeout=5` (RFC 2068
/// §19.7.1.1).
std::optional<std::uint32_t> keep_alive_timeout(const header_fields& fields);

}  // namespace net::wire
