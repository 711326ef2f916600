#pragma once

// The limits of the interceptor with their defaults. Most are keys of the same name in the configuration's [limits]
// table; docs/configuration.md lists these.

#include <chrono>
#include <cstddef>

namespace mitm {

struct limits {
  // Phases of a connection.
  std::chrono::milliseconds client_hello{10'000};          // accept → whole ClientHello
  std::chrono::milliseconds upstream_connect{10'000};      // TCP connect to the original destination
  std::chrono::milliseconds upstream_handshake{10'000};    // TLS to the origin
  std::chrono::milliseconds downstream_handshake{10'000};  // TLS with the client
  std::chrono::milliseconds request_idle{300'000};         // no open exchange: keep-alive
  std::chrono::milliseconds request_stall{120'000};        // between two bytes of a request being sent
  std::chrono::milliseconds first_response_byte{600'000};  // request sent → first byte of the answer; thinking is slow
  std::chrono::milliseconds stream_idle{300'000};          // between two bytes of an answer
  std::chrono::milliseconds tunnel_idle{3'600'000};        // spliced or upgraded connections, either direction
  std::chrono::milliseconds half_close{30'000};            // intercepted: one side has ended and nothing is in flight
  std::chrono::milliseconds kept_upstream_idle{30'000};    // client gone → its kept upstream ends
  std::chrono::milliseconds drain{30'000};                 // shutdown: how long streams may go on

  // Counts and sizes.
  std::size_t connections = 4096;           // intercepted and spliced together; more wait in the backlog
  std::size_t head_size = 64 * 1024;        // bytes of one HTTP head that the tap follows
  std::size_t pipelined_requests = 64;      // open exchanges of one connection that the tap follows
  std::size_t h2_open_streams = 1024;       // open exchanges of one HTTP/2 connection that the tap follows
  std::size_t h2_header_table = 64 * 1024;  // bytes of one HPACK table that the tap keeps, two per connection
  std::size_t h2_continuations = 32;        // CONTINUATION frames of one header block
  std::size_t h2_resets = 1000;             // streams of one connection reset in a row with no answer between them
  std::size_t rewrite_body =
      16 * 1024 * 1024;  // bytes of a request that rules may change; a longer one passes unmodified
  std::size_t held_bodies = 256 * 1024 * 1024;  // bytes of all requests together, held for rules or read by the API
  std::size_t kept_upstreams = 64;              // idle upstreams kept for the next client, of all origins together
  std::size_t cached_leaves = 1024;             // minted certificates kept

  // A host whose clients refuse our certificate is not intercepted for a while.
  unsigned bypass_after = 5;  // rejections in a row
  std::chrono::milliseconds bypass_for{600'000};
};

}  // namespace mitm
