#include "net/executor.hpp"

#include <algorithm>
#include <csignal>

namespace net {

worker_pool::worker_pool(unsigned threads) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL; a peer that has gone must be an error, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  constexpr int one_thread = 1;
  for (unsigned i = 0; i < std::max(threads, 1u); ++i) {
    auto& loop = loops_.emplace_back(one_thread);
    work_.emplace_back(loop.get_executor());
  }
  for (auto& loop : loops_) threads_.emplace_back([&loop] { loop.run(); });
}

worker_pool::~worker_pool() { stop(); }

void worker_pool::stop() {
  for (auto& loop : loops_) loop.stop();
  threads_.clear();
}

}  // namespace net
