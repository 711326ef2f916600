#include "net/background_pool.hpp"

#include <algorithm>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace net {
namespace {

// Enough to let an event loop go first at once, and not so much that a busy machine never gets to a report.
constexpr int niceness = 10;

void settle_in(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  // On Linux a priority is of one thread, whatever POSIX says. Where it may not be lowered all goes on as well.
  setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), niceness);
}

}  // namespace

background_pool::background_pool(options with)
    : most_(std::max(with.threads, 1u) + with.queue),
      context_(static_cast<int>(std::max(with.threads, 1u))),
      guard_(context_.get_executor()) {
  for (unsigned i = 0; i < std::max(with.threads, 1u); ++i) {
    threads_.emplace_back([this, name = with.name] {
      settle_in(name);
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
