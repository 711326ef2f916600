#pragma once

// Idle connections to origins that departed clients left behind, for the next client of the same program that needs an
// equal one. A session takes one before it connects, and returns one that the relay found reusable. The store runs on
// one strand, where it watches every connection and drops it when the origin closes it or sends anything, or its time
// is over. The relay checks again before it sends the next client's first request. An origin may still close the
// connection at that moment (RFC 9112 §9.3.1); the request is not sent again.

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
  /// What two connections must have in common to be interchangeable.
  struct key {
    client_program program;  // fully known: the same executable of the same user
    net::tcp::endpoint destination;
    std::string server_name;
    std::vector<std::string> alpn;  // as offered to the origin
    tls_terms terms;                // as asked of the origin

    bool operator==(const key&) const = default;
  };

  /// Keeps at most `most` connections and drops the one that has waited longest.
  kept_upstreams(const asio::any_io_executor& strand, std::size_t most);

  /// Whether there is a match if the program is ignored. If not, the caller need not find out the program.
  asio::awaitable<bool> has_like(key which);

  /// The most recently kept match that is still alive, on the caller's executor; nullopt if there is none.
  asio::awaitable<std::optional<net::tls_stream>> take(key which);

  /// `idle` must have no pending operation. It is closed if it is not kept.
  asio::awaitable<void> keep(key which, net::tls_stream idle, net::deadline until);

  /// Closes all and keeps no more. Await it before destruction, unless no executor runs any more.
  asio::awaitable<void> stop();

  /// From any thread.
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

 private:
  struct connection;
  using kept = std::shared_ptr<connection>;  // shared with its watch, which may end after it was taken

  asio::awaitable<bool> has_like_on_strand(key which);
  asio::awaitable<std::optional<net::tls_stream>> take_on_strand(key which, asio::any_io_executor executor);
  asio::awaitable<void> keep_on_strand(key which, net::tls_stream idle, net::deadline until);
  asio::awaitable<void> stop_on_strand();
  asio::awaitable<void> watch(kept watched);
  void forget(const kept& which);

  asio::any_io_executor strand_;
  const std::size_t most_;
  std::atomic<std::size_t> size_{0};

  // Used on the strand only.
  std::vector<kept> waiting_;  // longest first
  bool stopped_ = false;
  net::task_group watches_;
};

}  // namespace mitm
