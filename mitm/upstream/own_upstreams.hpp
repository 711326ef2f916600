#pragma once

// Detects our own connections that are redirected back to us. If the redirect also catches the service's user, each
// connection to an origin would arrive as a client's and cause another. Sessions register every connection that they
// open, and check every accepted one after it has sent something; by then the other end is registered. Lock-free, from
// any thread.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include <boost/asio/ip/tcp.hpp>

namespace mitm {

class own_upstreams {
 public:
  own_upstreams();

  /// Registers a connection to an origin or proxy. Its end need not be reported, because checks look at the descriptor.
  void opened(const boost::asio::ip::tcp::socket& upstream);

  /// True if the other end of `accepted`, which was going to `destination`, is ours. came_back() will report it, too.
  bool made(const boost::asio::ip::tcp::socket& accepted, const boost::asio::ip::tcp::endpoint& destination);

  /// True if this connection of ours was accepted here.
  bool came_back(const boost::asio::ip::tcp::socket& upstream) const;

  /// True if any connection came back.
  bool any_came_back() const { return any_.load(std::memory_order_relaxed); }
  /// Forgets that any came back: the redirect was fixed.
  void forget() { any_.store(false, std::memory_order_relaxed); }

 private:
  static constexpr std::size_t ports = 1 << 16;

  // Maps a local port to the descriptor that had it last, plus one; negative if it came back; 0: none.
  using table = std::array<std::atomic<int>, ports>;
  std::unique_ptr<table> by_port_;
  std::atomic<bool> any_ = false;
};

}  // namespace mitm
