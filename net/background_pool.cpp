#include "net/background_pool.hpp"

#include <algorithm>

#include "net/scheduling.hpp"
#include "net/thread_name.hpp"

namespace net {

background_pool::background_pool(options chosen)
    : most_(std::max(chosen.threads, 1u) + chosen.queue),
      context_(static_cast<int>(std::max(chosen.threads, 1u))),
      guard_(context_.get_executor()) {
  for (unsigned i = 0; i < std::max(chosen.threads, 1u); ++i) {
    threads_.emplace_back([this, name = chosen.name] {
      name_thread(name);
      prefer_throughput();
      context_.run();
    });
  }
}

background_pool::~background_pool() {
  context_.stop();
  threads_.clear();
}

bool background_pool::place::enter() {
  if (pool_.pending_.fetch_add(1, std::memory_order_relaxed) >= pool_.most_) {
    pool_.pending_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  entered_.store(true, std::memory_order_relaxed);
  return true;
}

void background_pool::place::leave() {
  if (entered_.exchange(false, std::memory_order_relaxed)) pool_.pending_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace net
