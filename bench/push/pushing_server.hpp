#pragma once

// A language server in a process of its own. It only writes turns (turn_script.hpp), on a schedule that does not wait
// for readers, and counts what gRPC has accepted. The id of a cascade says what its subscription gets. The bench starts
// it before anything else, because it is a fork of the bench.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

#include "cascade/rpc/channel.hpp"

namespace bench {

/// What the server writes into one subscription, after the snapshot.
struct push_plan {
  std::size_t earlier_bytes = 0;  // of transcript in the snapshot
  std::chrono::microseconds every{
      1000};  // 0: as fast as the transport accepts; the numbers then give the size of what came before
  std::uint32_t records = 0;
  std::uint32_t stream = 0;  // number of this stream among `streams`, whose records are spread evenly over `every`
  std::uint32_t streams = 1;

  std::string cascade_id() const;
  static std::optional<push_plan> parse(const std::string& cascade_id);
};

class pushing_server {
 public:
  struct counters {
    std::atomic<std::uint64_t> bytes;     // of updates that gRPC has accepted, without snapshots
    std::atomic<std::uint64_t> messages;  // those updates
  };

  /// Throws std::runtime_error if it does not start. No other thread and nothing of gRPC may exist yet.
  pushing_server();
  ~pushing_server();
  pushing_server(const pushing_server&) = delete;
  pushing_server& operator=(const pushing_server&) = delete;

  cascade::server_address address() const { return address_; }
  const counters& written() const { return *counters_; }
  pid_t pid() const { return pid_; }

 private:
  counters* counters_;  // shared with the server
  cascade::server_address address_;
  pid_t pid_ = -1;
  int stop_ = -1;  // closing it ends the server
};

}  // namespace bench
