#pragma once

// Limits of the HTTP API, the keys limits.api_*.

#include <chrono>
#include <cstddef>

namespace app {

struct api_limits {
  std::chrono::milliseconds head{10'000};   // first byte of a request → its whole head
  std::chrono::milliseconds body{30'000};   // head → whole body
  std::chrono::milliseconds write{30'000};  // one answer taken by the client
  std::chrono::milliseconds idle{60'000};   // connection open, no request begun: keep-alive
  std::size_t head_size = 16ul << 10;       // bytes
  std::size_t body_size = 16ul << 20;       // bytes, decoded too
  std::size_t connections = 512;            // beyond, the oldest idle one ends, or new ones wait in the backlog
  std::size_t peer_connections = 256;       // of one client: a user of this machine, or an address
  std::size_t h2_streams = 100;             // requests at once of one HTTP/2 connection
  std::size_t reports = 64;                 // that may wait; more get 503
};

}  // namespace app
