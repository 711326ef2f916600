#pragma once

// The log: lines of a fixed message and named fields, to stderr. No function logs a body or a head, so none can get in.
// A thread of its own writes the lines from a bounded queue: a stderr that nobody reads must not stall streams.

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

#include <spdlog/fwd.h>

#include "app/log/log_level.hpp"
#include "app/log/log_line.hpp"
#include "app/log/log_writer.hpp"
#include "mitm/relay/connection_events.hpp"

namespace app {

class logger {
 public:
  /// The size of the queue. When it is full, the oldest line is dropped and counted.
  static constexpr std::size_t queue_lines = 1024;

  /// Writes to stderr; log_format::automatic checks whether that is a terminal.
  logger(log_level level, log_format format);
  /// Writes to `sink`, which is called from the log's own thread. log_format::automatic means JSON here.
  logger(log_level level, log_format format, std::shared_ptr<spdlog::sinks::sink> sink);
  /// Writes what is queued, for at most log_writer::farewell.
  ~logger();
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;

  /// From any thread. `message` is fixed and says what happened; variable parts go into fields.
  void write(log_level level, std::string_view message, std::initializer_list<log_field> fields = {});

  void info(std::string_view message, std::initializer_list<log_field> fields = {}) {
    write(log_level::info, message, fields);
  }
  void warn(std::string_view message, std::initializer_list<log_field> fields = {}) {
    write(log_level::warn, message, fields);
  }
  void error(std::string_view message, std::initializer_list<log_field> fields = {}) {
    write(log_level::error, message, fields);
  }

  bool enabled(log_level level) const;
  /// For a reload. From any thread.
  void set_level(log_level level);
  std::uint64_t lost_lines() const { return writer_.lost(); }

 private:
  log_writer writer_;
  std::atomic<log_level> level_;
  bool json_;
};

/// Logs one line for a finished session. A failure on the client's side is info, on the origin's side a warning, on our
/// own an error. One that was logged before for the same host and program (`first` is false) is debug.
void log_session_end(logger& log, const mitm::session_report& report, bool first = true);

}  // namespace app
