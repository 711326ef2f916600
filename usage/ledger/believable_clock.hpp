#pragma once

// How much time has passed, as far as it can be believed. Rows are deleted when they are old, and a wall clock that
// leaps (a flat battery, a wrong date typed in, a restored machine) must not make them so. So the age of rows goes by
// the time that the machine has been up, and the wall clock may only be earlier than that. While the machine is off
// nothing measures time: the wall clock is believed for a plausible pause, and for any if network time says it is
// right. A leap is forgiven after `retention`: whatever was written before it is old by then, however time is told.
// Pure.

#include <cstdint>

namespace usage {

/// What the machine shows at one moment.
struct clock_reading {
  std::int64_t wall = 0;      // Unix ms
  std::int64_t uptime = 0;    // ms since it was booted, suspended time included
  std::int64_t boot = 0;      // another number for each boot
  bool synchronised = false;  // the kernel knows that network time disciplines the wall clock
};

/// What is kept of the last look.
struct clock_memory {
  std::int64_t time = 0;  // Unix ms that could be believed
  clock_reading seen;
  std::int64_t since_leap = 0;  // ms that have passed since the wall clock last went ahead of `time`
};

/// Of a machine that was off, while nothing but its own clock says for how long. A longer pause makes rows stay longer.
inline constexpr std::int64_t plausible_pause_ms = 7ll * 24 * 3600 * 1000;
/// The two clocks are not read at once, and one of them in hundredths of a second.
inline constexpr std::int64_t clock_jitter_ms = 60'000;

/// What can be believed now. `time` never runs ahead of the wall clock.
clock_memory look_at_clock(const clock_memory& before, const clock_reading& now, std::int64_t retention_ms);

/// Where nothing is kept: `newest` is the time of the newest row; 0: there is none.
clock_memory first_look_at_clock(std::int64_t newest, const clock_reading& now);

}  // namespace usage
