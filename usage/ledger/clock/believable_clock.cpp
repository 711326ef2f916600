#include "usage/ledger/clock/believable_clock.hpp"

#include <algorithm>
#include <limits>

namespace usage {
namespace {

std::int64_t elapsed(const clock_reading& before, const clock_reading& now) {
  if (now.boot == before.boot && now.uptime >= before.uptime) return now.uptime - before.uptime;
  const auto most = now.synchronised ? std::numeric_limits<std::int64_t>::max() : plausible_pause_ms;
  return std::clamp<std::int64_t>(now.wall - before.wall, 0, most);
}

}  // namespace

clock_memory look_at_clock(const clock_memory& before, const clock_reading& now, std::int64_t retention_ms) {
  const auto passed = elapsed(before.seen, now);
  clock_memory after{std::min(now.wall, before.time + passed), now, before.since_leap + passed};
  const auto ahead = now.wall - after.time;
  const auto ahead_before = before.seen.wall - before.time;
  if (ahead > ahead_before + clock_jitter_ms) after.since_leap = 0;
  if (after.since_leap >= retention_ms) after.time = now.wall;
  return after;
}

clock_memory first_look_at_clock(std::int64_t newest, const clock_reading& now) {
  if (newest == 0) return {now.wall, now, 0};
  return {std::min(now.wall, newest + plausible_pause_ms), now, 0};
}

}  // namespace usage
