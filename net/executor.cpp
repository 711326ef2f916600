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
  // OpenSSL writes to sockets without MSG_NOSIGNAL; a peer that has gone must cause an error, not kill the process.
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

/// Asio allocates a small record for each descriptor and reuses it for ever. If thousands of connections arrive, these
/// records end up between the buffers, and each keeps a page from going back to the system after the connections have
/// gone. So they are allocated up front.
void worker_pool::prepare(asio::io_context& loop, std::size_t descriptors) {
  if (descriptors == 0) return;
  // /dev/null cannot be polled, so Asio does not register it with the kernel and one descriptor serves for all.
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

// Asio's own threads cannot be given names.
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
  wait();  // Asio has no threads of its own here; this ends the wait of ours
  threads_.clear();
}

}  // namespace net
