#pragma once

// The level and the format of the log: the keys log.*.

#include <cstdint>
#include <string_view>

namespace app {

enum class log_level : std::uint8_t { trace, debug, info, warn, error };
enum class log_format : std::uint8_t { automatic, text, json };  // automatic: text on a terminal, JSON otherwise

std::string_view to_string(log_level level);
std::string_view to_string(log_format format);

}  // namespace app
