#pragma once

// Idle connections to origins, each left behind by a client that has gone, for the next client of the same program that
// would open the like. The session takes one before it connects and gives back what the relay calls as good as new. The
// store lives on one strand; every connection is watched there and goes when its origin ends it, says
// anything, or its time is over. The relay looks once more before the next client's first request leaves. An origin may
// still end one in that very moment (RFC 9112 §9.3.1): nothing is sent twice for that.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mitm/policy/client_program.hpp"
#include "mitm/policy/tls_terms.hpp"
#include "net/by.hpp"
#include "net/task_group.hpp"
#include "net/tls_stream.hpp"

namespace mitm {

namespace asio = boost::asio;

class kept_upstreams {
 public:
  /// What two connections must have in common, so that one can stand for the other.
  struct key {
    client_program program;  // known in full: the same executable of the same user
    net::tcp::endpoint destination;
    std::string server_name;
    std::vector<std::string> alpn;  // as offered to the origin
    tls_terms terms;                // as asked of the origin

    bool operator==(const key&) const = default;
  };

  /// Keeps `most` connections; the one that waits for longest makes room.
  kept_upstreams(const asio::any_io_executor& strand, std::size_t most);

  /// Whether any program has left one that would do otherwise: if not, nobody needs to find out which program asks.
  asio::awaitable<bool> has_like(key which);

  /// The last one kept, alive a moment ago, on the caller's executor; nothing if there is none.
  asio::awaitable<std::optional<net::tls_stream>> take(key which);

  /// Nothing may be under way on `idle`. One that is not kept is ended.
  asio::awaitable<void> keep(key which, net::tls_stream idle, net::deadline until);

  /// Ends all of them and keeps no more. Awaited before destruction, unless no executor runs any more.
  asio::awaitable<void> stop();

  /// From any thread.
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

 private:
  struct connection;
  using kept = std::shared_ptr<connection>;  // shared with its watch, which ends a moment after it was taken

  asio::awaitable<bool> has_like_on_strand(key which);
  asio::awaitable<std::optional<net::tls_stream>> take_on_strand(key which, asio::any_io_executor executor);
  asio::awaitable<void> keep_on_strand(key which, net::tls_stream idle, net::deadline until);
  asio::awaitable<void> stop_on_strand();
  asio::awaitable<void> watch(kept watched);
  void forget(const kept& which);

  asio::any_io_executor strand_;
  const std::size_t most_;
  std::atomic<std::size_t> size_{0};

  // Touched on the strand only.
  std::vector<kept> waiting_;  // longest first
  bool stopped_ = false;
  net::task_group watches_;
};

}  // namespace mitm
