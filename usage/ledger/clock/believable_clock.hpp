#pragma once

// How much time has certainly passed. Old rows are deleted, and a wall clock that leaps forward (flat battery, wrong
// date entered, restored machine) must not make rows old. So the age of rows is based on the time that the machine has
// been up, and the wall clock can only make it smaller. Nothing measures the time while the machine is off: the wall
// clock is believed for a plausible pause, or for any pause if network time confirms it. A leap is forgiven after
// `retention`, because everything that was written before it is old by then, by any clock. Pure.

#include <cstdint>

namespace usage {

/// The clocks of the machine at one moment.
struct clock_reading {
  std::int64_t wall = 0;      // Unix ms
  std::int64_t uptime = 0;    // ms since boot, including suspended time
  std::int64_t boot = 0;      // a different number for each boot
  bool synchronised = false;  // the kernel says that network time controls the wall clock
};

/// What is stored from the last reading.
struct clock_memory {
  std::int64_t time = 0;  // believable time, Unix ms
  clock_reading seen;
  std::int64_t since_leap = 0;  // ms that have passed since the wall clock last went ahead of `time`
};

/// The longest believable time that a machine was off, if only its own clock measured it. After a longer one, rows are
/// kept longer.
inline constexpr std::int64_t plausible_pause_ms = 7ll * 24 * 3600 * 1000;
/// Tolerance: the two clocks are not read at the same instant, and one of them counts hundredths of a second.
inline constexpr std::int64_t clock_jitter_ms = 60'000;

/// The believable time now. `time` is never ahead of the wall clock.
clock_memory look_at_clock(const clock_memory& before, const clock_reading& now, std::int64_t retention_ms);

/// The first memory, if none is stored. `newest` is the time of the newest row; 0: there is none.
clock_memory first_look_at_clock(std::int64_t newest, const clock_reading& now);

}  // namespace usage
