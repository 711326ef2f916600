#pragma once

// Returns memory to the system after many connections have ended. The allocator never returns memory that was freed in
// small pieces. That is right while connections keep coming, and wrong after thousands have ended. One second after a
// connection ends, this trims the allocator if at least three quarters of many connections have ended by then.

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
  /// Fewer connections are not worth a trim.
  static constexpr std::size_t crowd = 64;

  /// Waits on `strand` and trims on `pool`; both outlive it. `open` returns the number of connections, and may still
  /// count those that have just ended. It is called from any thread.
  memory_return(net::asio::any_io_executor strand, net::blocking_pool& pool, std::function<std::size_t()> open);

  /// Tells that a connection has ended. Callable from any thread.
  void left();

  /// How often the allocator was trimmed.
  std::size_t trims() const { return trims_->load(std::memory_order_relaxed); }

 private:
  void look_later();
  void look();

  net::asio::any_io_executor strand_;
  net::blocking_pool& pool_;
  std::function<std::size_t()> open_;
  net::asio::steady_timer pause_;     // on the strand; many ends in a row make one check
  std::atomic<std::size_t> most_{0};  // open at once since the last trim
  std::atomic<bool> due_{false};
  std::shared_ptr<std::atomic<std::size_t>> trims_ = std::make_shared<std::atomic<std::size_t>>();  // outlives a trim
};

/// Makes the allocator return every large block when it is freed, in the whole process. By default, glibc would keep
/// blocks up to the size of the largest body so far.
void return_large_blocks();

}  // namespace app
