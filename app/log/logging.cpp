#include "app/log/logging.hpp"

#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include <spdlog/sinks/sink.h>

#include "app/base/endpoint.hpp"
#include "app/log/stderr_sink.hpp"

#include "app/base/endpoint.hpp"

#include "app/base/endpoint.hpp"

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

spdlog::sink_ptr with_pattern(spdlog::sink_ptr sink, bool json) {
  sink->set_pattern(json ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  return sink;
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

}  // namespace

logger::logger(log_level level, log_format format) : logger(level, resolved(format), std::make_shared<stderr_sink>()) {}

logger::logger(log_level level, log_format format, std::shared_ptr<spdlog::sinks::sink> sink)
    : writer_(with_pattern(std::move(sink), format != log_format::text), queue_lines),
      level_(level),
      json_(format != log_format::text) {}

logger::~logger() = default;

void logger::write(log_level level, std::string_view message, std::initializer_list<log_field> fields) {
  if (!enabled(level)) return;
  const log_entry entry{std::chrono::system_clock::now(), level, message, {fields.begin(), fields.size()}};
  writer_.push(spd(level), json_ ? json_line(entry) : text_line(entry));
}

bool logger::enabled(log_level level) const {
  return level >= level_.load(std::memory_order_relaxed);
}

void logger::set_level(log_level level) {
  level_.store(level, std::memory_order_relaxed);
}

void log_session_end(logger& log, const mitm::session_report& report, bool first) {
  const auto level = first ? level_of(report.failure) : log_level::debug;
  if (!log.enabled(level)) return;
  const auto& failure = report.failure;
  const auto cause = failure ? cause_of(*failure) : std::string("closed");
  const auto client = to_text(report.facts.client);
  const auto program = failure ? name_of(report.program) : std::string();
  const auto destination = to_text(report.facts.destination);
  log.write(level, failure ? "session failed" : "session ended",
            {{"side", failure ? net::to_string(failure->side) : "none"},
             {"phase", failure ? net::to_string(failure->phase) : "none"},
             {"cause", cause},
             {"handling", mitm::to_string(report.handling)},
             {"reason", report.reason},
             {"client", client},
             {"host", report.facts.host},
             {"program", program},
             {"destination", destination},
             {"reused_upstream", report.reused_upstream},
             {"bytes_up", static_cast<std::int64_t>(report.bytes_up)},
             {"bytes_down", static_cast<std::int64_t>(report.bytes_down)},
             {"duration_ms", std::int64_t{report.duration.count()}}});
}

}  // namespace app
