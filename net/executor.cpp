#include "net/executor.hpp"

#include <algorithm>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "net/descriptor.hpp"
#include "net/scheduling.hpp"
#include "net/thread_name.hpp"

namespace net {

worker_pool::worker_pool(unsigned threads, std::size_t descriptors) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL; a peer that has gone must be an error, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  constexpr int one_thread = 1;
  for (unsigned i = 0; i < std::max(threads, 1u); ++i) {
    auto& loop = loops_.emplace_back(one_thread);
    work_.emplace_back(loop.get_executor());
  }
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    threads_.emplace_back([&loop = loops_[i], i, each = descriptors / loops_.size()] {
      name_thread("zg-loop-" + std::to_string(i));
      prefer_latency();
      prepare(loop, each);
      loop.run();
    });
  }
}

/// Asio keeps what it has allocated for a descriptor for the next one, for ever. Allocated while thousands of
/// connections come, these small pieces lie among the buffers, and each keeps a page of them from going back to the
/// system when the connections have gone. So they are allocated before.
void worker_pool::prepare(asio::io_context& loop, std::size_t descriptors) {
  if (descriptors == 0) return;
  // What cannot be waited for is not told to the kernel: many may be made of one.
  const descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null.valid()) return;
  std::deque<asio::posix::stream_descriptor> all;
  boost::system::error_code failed;
  while (all.size() < descriptors && !failed) all.emplace_back(loop).assign(null.get(), failed);
  for (auto& each : all)
    if (each.is_open()) each.release();
}

worker_pool::~worker_pool() {
  stop();
}

void worker_pool::stop() {
  for (auto& loop : loops_) loop.stop();
  threads_.clear();
}

// Asio's own threads could not be named.
blocking_pool::blocking_pool(unsigned threads, std::string_view name) : asio::thread_pool(0) {
  for (unsigned i = 0; i < std::max(threads, 1u); ++i) {
    threads_.emplace_back([this, name = "zg-" + std::string(name) + '-' + std::to_string(i)] {
      name_thread(name);
      attach();
    });
  }
}

blocking_pool::~blocking_pool() {
  stop();
  threads_.clear();
}

void blocking_pool::join() {
  if (threads_.empty()) return;
  wait();  // for threads of Asio's own, of which there are none; so that ours find nothing left to wait for
  threads_.clear();
}

}  // namespace net
