#include "net/executor.hpp"

#include <algorithm>
#include <csignal>

namespace net {

worker_pool::worker_pool(unsigned threads)
    : context_(static_cast<int>(std::max(threads, 1u))), work_(context_.get_executor()) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL; a peer that has gone must be an error, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  for (unsigned i = 0; i < std::max(threads, 1u); ++i) {
    threads_.emplace_back([this] { context_.run(); });
  }
}

worker_pool::~worker_pool() { stop(); }

void worker_pool::stop() {
  context_.stop();
  threads_.clear();
}

}  // namespace net
