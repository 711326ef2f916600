#pragma once

// Gives the memory that a crowd has left back to the system. The allocator keeps what is freed in many small pieces,
// for ever; that is right for what comes again at once, and wrong after thousands of connections have gone. Told of
// every connection that ends, it looks a second later, and trims if three quarters of a crowd have gone by then. Where
// nobody leaves, nothing happens.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/executor.hpp"

namespace app {

class memory_return {
 public:
  /// Fewer connections are no crowd.
  static constexpr std::size_t crowd = 64;

  /// Waits on `strand` and trims on `pool`, which both outlive it. `open`: how many connections there are; those that
  /// have just ended may still count. From any thread.
  memory_return(net::asio::any_io_executor strand, net::blocking_pool& pool, std::function<std::size_t()> open);

  /// A connection ends. From any thread.
  void left();

  /// How often the allocator was asked.
  std::size_t trims() const { return trims_->load(std::memory_order_relaxed); }

 private:
  void look_later();
  void look();

  net::asio::any_io_executor strand_;
  net::blocking_pool& pool_;
  std::function<std::size_t()> open_;
  net::asio::steady_timer pause_;     // on the strand; a burst of ends makes one look
  std::atomic<std::size_t> most_{0};  // open at once since the last trim
  std::atomic<bool> due_{false};
  std::shared_ptr<std::atomic<std::size_t>> trims_ = std::make_shared<std::atomic<std::size_t>>();  // outlives a trim
};

/// Large blocks go back when they are freed, however large those before them were; by default glibc would begin to keep
/// blocks as large as the largest body so far. For the whole process.
void return_large_blocks();

}  // namespace app
