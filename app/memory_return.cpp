#include "app/memory_return.hpp"

#include <chrono>

#include <malloc.h>

#include <boost/asio/post.hpp>

namespace app {
namespace {

// The frames of a connection go after its end was told.
constexpr std::chrono::seconds settling{1};

constexpr int large_block = 256 * 1024;
constexpr int kept_at_top = 1024 * 1024;

}  // namespace

memory_return::memory_return(net::asio::any_io_executor strand, net::blocking_pool& pool)
    : strand_(strand), pool_(pool), pause_(strand) {}

void memory_return::left(std::size_t open) {
  auto most = most_.load(std::memory_order_relaxed);
  while (most <= open && !most_.compare_exchange_weak(most, open + 1, std::memory_order_relaxed)) {
  }
  most = most_.load(std::memory_order_relaxed);
  if (most < crowd || open > most / 4) return;
  if (!most_.compare_exchange_strong(most, open, std::memory_order_relaxed)) return;
  if (!due_.exchange(true)) trim_soon();
}

void memory_return::trim_soon() {
  net::asio::post(strand_, [this] {
    pause_.expires_after(settling);
    pause_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      net::asio::post(pool_, [this] {
        due_ = false;
        ::malloc_trim(0);
        trims_.fetch_add(1, std::memory_order_relaxed);
      });
    });
  });
}

void return_large_blocks() {
  ::mallopt(M_MMAP_THRESHOLD, large_block);
  ::mallopt(M_TRIM_THRESHOLD, kept_at_top);
}

}  // namespace app
