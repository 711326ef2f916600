#pragma once

// The client of the push benches. It follows many subscriptions with the service's own update_stream, each on its own
// strand, as the service does.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "bench/common/histogram.hpp"
#include "bench/push/pushing_server.hpp"
#include "cascade/rpc/client.hpp"
#include "cascade/stream/update_stream.hpp"
#include "net/executor.hpp"

namespace bench {

/// What one subscription received.
struct followed {
  std::uint64_t records = 0;
  std::uint64_t last_number = 0;
  histogram latency;    // write → resumed, ns
  std::string failure;  // empty: none
};

/// A point at which all followers wait until the bench lets them continue. They keep their memory meanwhile.
class gate {
 public:
  void arrive(std::size_t bytes_held) {
    bytes_held_ += bytes_held;
    ++arrived_;
  }
  void open() { open_ = true; }
  bool is_open() const { return open_; }
  unsigned arrived() const { return arrived_; }
  std::size_t bytes_held() const { return bytes_held_; }

 private:
  std::atomic<unsigned> arrived_{0};
  std::atomic<std::size_t> bytes_held_{0};
  std::atomic<bool> open_{false};
};

/// After so many records in all: at a gate, or the end of it.
struct stop {
  std::uint64_t records = 0;
  gate* at = nullptr;
};

class follower {
 public:
  /// Throws std::runtime_error.
  follower(const cascade::server_address& server, unsigned threads);

  /// Reads from one stop to the next, and ends after the last.
  std::future<followed> follow(const push_plan& plan, std::vector<stop> stops);

 private:
  net::worker_pool workers_;
  cascade::stream_kind_memory kinds_;
  std::unique_ptr<cascade::client> client_;
};

}  // namespace bench
