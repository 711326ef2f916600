#include "usage/ledger/clock/machine_clock.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <string>

#include <sys/timex.h>
#include <time.h>

namespace usage {
namespace {

std::int64_t uptime_ms() {
  double seconds = 0;
  if (std::ifstream("/proc/uptime") >> seconds) return std::llround(seconds * 1000);
  timespec passed{};
  ::clock_gettime(CLOCK_BOOTTIME, &passed);
  return static_cast<std::int64_t>(passed.tv_sec) * 1000 + passed.tv_nsec / 1'000'000;
}

/// The first half of the boot's UUID; 0 where there is none.
std::int64_t boot_number() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  std::erase(id, '-');
  constexpr std::size_t digits = 15;  // that fit without a sign
  std::int64_t number = 0;
  std::from_chars(id.data(), id.data() + std::min(digits, id.size()), number, 16);
  return number;
}

bool synchronised() {
  timex state{};
  return ::adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

}  // namespace

clock_reading read_machine_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), uptime_ms(), boot_number(),
          synchronised()};
}

}  // namespace usage
