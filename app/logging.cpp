#include "app/logging.hpp"

#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include <spdlog/async.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace app {
namespace {

spdlog::level::level_enum spd(log_level level) {
  switch (level) {
    case log_level::trace:
      return spdlog::level::trace;
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warn:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

log_format resolved(log_format format) {
  if (format != log_format::automatic) return format;
  return ::isatty(STDERR_FILENO) != 0 ? log_format::text : log_format::json;
}

spdlog::sink_ptr stderr_sink(log_format format) {
  if (format == log_format::json) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();  // coloured on a terminal only
}

log_level level_of(const std::optional<net::failure>& failure) {
  if (!failure || failure->side == net::failure::side_of::downstream) return log_level::info;
  return failure->side == net::failure::side_of::upstream ? log_level::warn : log_level::error;
}

std::string cause_of(const net::failure& failure) {
  std::string cause = failure.code ? failure.code.message() : std::string();
  if (!failure.detail.empty()) cause.append(cause.empty() ? "" : ": ").append(failure.detail);
  return cause;
}

std::string text_of(const endpoint& address) {
  const auto text = address.address().to_string();
  return (address.address().is_v6() ? '[' + text + ']' : text) + ':' + std::to_string(address.port());
}

}  // namespace

logger::logger(log_level level, log_format format) : logger(level, resolved(format), stderr_sink(resolved(format))) {}

logger::logger(log_level level, log_format format, std::shared_ptr<spdlog::sinks::sink> sink)
    : writer_(std::make_shared<spdlog::details::thread_pool>(queue_lines, 1)),
      lines_(std::make_shared<spdlog::async_logger>("zerogravity", std::move(sink), writer_,
                                                    spdlog::async_overflow_policy::overrun_oldest)),
      json_(format != log_format::text) {
  lines_->set_pattern(json_ ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  set_level(level);
}

logger::~logger() {
  lines_.reset();
  writer_.reset();  // joins its thread once the queue is written
}

void logger::write(log_level level, std::string_view message, std::initializer_list<log_field> fields) {
  if (!enabled(level)) return;
  const log_entry entry{std::chrono::system_clock::now(), level, message, {fields.begin(), fields.size()}};
  const auto line = json_ ? json_line(entry) : text_line(entry);
  lines_->log(spd(level), spdlog::string_view_t(line.data(), line.size()));
}

bool logger::enabled(log_level level) const {
  return lines_->should_log(spd(level));
}

void logger::set_level(log_level level) {
  lines_->set_level(spd(level));
}

std::size_t logger::lost_lines() const {
  return writer_->overrun_counter();
}

void log_session_end(logger& log, const mitm::session_report& report, bool first) {
  const auto level = first ? level_of(report.failure) : log_level::debug;
  if (!log.enabled(level)) return;
  const auto& failure = report.failure;
  const auto cause = failure ? cause_of(*failure) : std::string("closed");
  const auto program = failure ? name_of(report.program) : std::string();
  const auto destination = text_of(report.facts.destination);
  log.write(level, failure ? "session failed" : "session ended",
            {{"side", failure ? net::to_string(failure->side) : "none"},
             {"phase", failure ? net::to_string(failure->phase) : "none"},
             {"cause", cause},
             {"handling", mitm::to_string(report.handling)},
             {"reason", report.reason},
             {"host", report.facts.host},
             {"program", program},
             {"destination", destination},
             {"reused_upstream", report.reused_upstream},
             {"bytes_up", static_cast<std::int64_t>(report.bytes_up)},
             {"bytes_down", static_cast<std::int64_t>(report.bytes_down)},
             {"duration_ms", std::int64_t{report.duration.count()}}});
}

}  // namespace app
