#include "app/accounting/clock_check.hpp"

#include <chrono>

namespace app {
namespace {

using namespace std::chrono_literals;

// Long before this version, so that no clock that is right by a few days is called wrong.
constexpr mitm::wall_time program_written = std::chrono::sys_days{2025y / std::chrono::January / 1};

}  // namespace

std::string clock_complaint(mitm::wall_time now) {
  if (now >= program_written) return {};
  return "this machine's clock says " + mitm::to_iso_time(now) +
         ", which is before this program was written: certificates made now will not be valid, and rows get wrong "
         "times; set the clock (timedatectl set-ntp true), then: zerogravity ca rotate";
}

std::string leap_complaint(std::chrono::milliseconds ahead) {
  const auto days = std::chrono::round<std::chrono::days>(ahead).count();
  if (ahead < std::chrono::days(1)) return {};
  return "this machine's clock has leapt ahead by " + std::to_string(days) + (days == 1 ? " day" : " days") +
         ": rows grow old by the time that has really passed, and none is deleted because of the leap";
}

std::string validity_complaint(const mitm::validity& valid, mitm::wall_time now) {
  if (now < valid.from) {
    return "the CA is not valid before " + mitm::to_iso_time(valid.from) + ", and this machine's clock says " +
           mitm::to_iso_time(now) + ": clients will refuse it; if the clock is right, run: zerogravity ca rotate";
  }
  if (now >= valid.until) {
    return "the CA has expired on " + mitm::to_iso_time(valid.until) +
           "; if this machine's clock is right, run: zerogravity ca rotate";
  }
  return {};
}

}  // namespace app
