#pragma once

// Writes log lines from a bounded queue on a thread of its own. Owned by the logger. Whoever logs never waits: when the
// queue is full its oldest line is lost and counted. A standard error that nobody reads can hold the thread in a write
// for ever, so at the end it gets some time and is then left behind: the process is about to end with it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <spdlog/common.h>

namespace app {

class log_writer {
 public:
  /// How long the destructor waits for lines that are queued.
  static constexpr std::chrono::milliseconds farewell{1000};

  /// `sink` is called from the thread. `lines`: that wait, at most.
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
