#pragma once

// Connections of ours that come back to us: where the redirect catches the very user that the service runs as, each
// connection to an origin would arrive as a client's, and make the next. Sessions tell of every connection that they
// open, and ask of every one that they are given, once it has sent something: by then the other end has told.
// Lock-free, from any thread.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include <boost/asio/ip/tcp.hpp>

namespace mitm {

class own_upstreams {
 public:
  own_upstreams();

  /// A connection to an origin or to a proxy. It need not be told of its end: the descriptor is looked at when asked.
  void opened(const boost::asio::ip::tcp::socket& upstream);

  /// Is the other end of `accepted`, which was going to `destination`, one of ours? Says so to came_back() as well.
  bool made(const boost::asio::ip::tcp::socket& accepted, const boost::asio::ip::tcp::endpoint& destination);

  /// This connection of ours was accepted here.
  bool came_back(const boost::asio::ip::tcp::socket& upstream) const;

  /// Any has.
  bool any_came_back() const { return any_.load(std::memory_order_relaxed); }
  /// The redirect was put right.
  void forget() { any_.store(false, std::memory_order_relaxed); }

 private:
  static constexpr std::size_t ports = 1 << 16;

  // By local port the descriptor that had it last, one more than that; negative: it came back. 0: none.
  using table = std::array<std::atomic<int>, ports>;
  std::unique_ptr<table> by_port_;
  std::atomic<bool> any_ = false;
};

}  // namespace mitm
