#include "app/log/stderr_sink.hpp"

#include <cerrno>
#include <string>
#include <string_view>

#include <unistd.h>

namespace app {
namespace {

std::string_view colour_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::info:
      return "\033[32m";
    case spdlog::level::warn:
      return "\033[33m\033[1m";
    case spdlog::level::err:
      return "\033[31m\033[1m";
    default:
      return "\033[36m";
  }
}

void write_all(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody is there to be told
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

stderr_sink::stderr_sink() : coloured_(::isatty(STDERR_FILENO) != 0) {}

void stderr_sink::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t formatted;
  formatter_->format(message, formatted);
  std::string text(formatted.data(), formatted.size());
  if (coloured_ && message.color_range_end > message.color_range_start) {
    text.insert(message.color_range_end, "\033[m");
    text.insert(message.color_range_start, colour_of(message.level));
  }
  write_all(text);
}

}  // namespace app
