#pragma once

// Writes log lines from a bounded queue on a thread of its own. Owned by the logger. Callers never wait: when the queue
// is full, its oldest line is dropped and counted. If nobody reads standard error, a write can block the thread for
// ever. So the destructor waits for a limited time and then abandons the thread: the process is about to end.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <spdlog/common.h>

namespace app {

class log_writer {
 public:
  /// How long the destructor waits for queued lines.
  static constexpr std::chrono::milliseconds farewell{1000};

  /// `sink` is called from the thread. `lines`: the size of the queue.
  log_writer(std::shared_ptr<spdlog::sinks::sink> sink, std::size_t lines);
  /// Writes what is queued, within `farewell`.
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  /// From any thread.
  void push(spdlog::level::level_enum level, std::string line);

  /// Without a lock.
  std::uint64_t lost() const;

 private:
  struct state;
  std::shared_ptr<state> state_;  // shared with the thread, which may outlive the writer
};

}  // namespace app
