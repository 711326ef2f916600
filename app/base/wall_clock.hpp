#pragma once

// The system clock as Unix time.

#include <chrono>
#include <cstdint>

namespace app {

template <class Unit>
std::int64_t unix_time() {
  return std::chrono::duration_cast<Unit>(std::chrono::system_clock::now().time_since_epoch()).count();
}

inline std::int64_t unix_ms() {
  return unix_time<std::chrono::milliseconds>();
}
inline std::int64_t unix_seconds() {
  return unix_time<std::chrono::seconds>();
}

}  // namespace app
