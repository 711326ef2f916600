#pragma once

// The log: lines of a fixed message and named fields, to stderr. There is no way to log a body or a head, so none can
// get in. Lines are written by a thread of their own from a bounded queue: a stderr that nobody reads must not stall
// streams.

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
  /// Lines that wait to be written; beyond, the oldest are lost and counted.
  static constexpr std::size_t queue_lines = 1024;

  /// To stderr; log_format::automatic looks whether that is a terminal.
  logger(log_level level, log_format format);
  /// To `sink`, which is called from the log's own thread. automatic means JSON here.
  logger(log_level level, log_format format, std::shared_ptr<spdlog::sinks::sink> sink);
  /// Writes what is queued, as far as somebody reads it within log_writer::farewell.
  ~logger();
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;

  /// From any thread. `message` says what happened in words; what varies goes into fields.
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

/// The one line of a finished session. Clients come and go: their side is no more than info. The origin's is a warning,
/// our own an error. What was said before of the same host and program (`first` is false) is for debugging.
void log_session_end(logger& log, const mitm::session_report& report, bool first = true);

}  // namespace app
