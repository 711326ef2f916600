#include "app/service/memory_return.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <malloc.h>

#include <boost/asio/post.hpp>

namespace app {
namespace {

// The frames of a connection go after its end was told, and it is counted until then.
constexpr std::chrono::seconds settling{1};

constexpr int large_block = 256 * 1024;
constexpr int kept_at_top = 1024 * 1024;

}  // namespace

memory_return::memory_return(net::asio::any_io_executor strand, net::blocking_pool& pool,
                             std::function<std::size_t()> open)
    : strand_(strand), pool_(pool), open_(std::move(open)), pause_(strand) {}

void memory_return::left() {
  const std::size_t open = open_();
  auto most = most_.load(std::memory_order_relaxed);
  while (most < open && !most_.compare_exchange_weak(most, open, std::memory_order_relaxed)) {
  }
  if (std::max(most, open) >= crowd && !due_.exchange(true)) look_later();
}

void memory_return::look_later() {
  net::asio::post(strand_, [this] {
    pause_.expires_after(settling);
    pause_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) look();
    });
  });
}

void memory_return::look() {
  due_ = false;  // a connection that ends from now on makes another check
  const std::size_t open = open_();
  if (open > most_.load(std::memory_order_relaxed) / 4) return;
  most_.store(open, std::memory_order_relaxed);
  net::asio::post(pool_, [trims = trims_] {
    ::malloc_trim(0);
    trims->fetch_add(1, std::memory_order_relaxed);
  });
}

void return_large_blocks() {
  ::mallopt(M_MMAP_THRESHOLD, large_block);
  ::mallopt(M_TRIM_THRESHOLD, kept_at_top);
}

}  // namespace app
