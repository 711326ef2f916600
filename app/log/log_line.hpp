#pragma once

// One line of the log, as JSON or to be read by people. Pure. Names and values that come from the network are escaped,
// so that neither a line end nor a terminal's control sequence of a peer's making reaches the log.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "app/log/log_level.hpp"

namespace app {

struct log_field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, bool> value;
};

struct log_entry {
  std::chrono::system_clock::time_point time;
  log_level level = log_level::info;
  std::string_view message;
  std::span<const log_field> fields;
};

/// {"ts":"2026-01-31T12:00:00.123Z","level":"info","msg":…,<fields>}; valid UTF-8 whatever the input was.
std::string json_line(const log_entry& entry);

/// `message name=value name="quoted value"`; time and level are the sink's.
std::string text_line(const log_entry& entry);

}  // namespace app
