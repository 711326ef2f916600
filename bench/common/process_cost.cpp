#include "bench/common/process_cost.hpp"

#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <spdlog/fmt/fmt.h>

namespace bench {
namespace {

std::uint64_t as_ns(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
}

void read_memory(pid_t pid, process_cost& into) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) into.resident_bytes = std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
    if (line.starts_with("RssAnon:")) into.memory_bytes = std::strtoull(line.c_str() + 8, nullptr, 10) * 1024;
  }
}

}  // namespace

process_cost cost_of(pid_t pid) {
  process_cost out;
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) == 0 && ::clock_gettime(clock, &time) == 0) out.cpu_ns = as_ns(time);
  read_memory(pid, out);
  return out;
}

process_cost cost_of_group(pid_t leader) {
  process_cost sum;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
    if (pid <= 0 || ::getpgid(pid) != leader) continue;
    const process_cost one = cost_of(pid);
    sum.cpu_ns += one.cpu_ns;
    sum.memory_bytes += one.memory_bytes;
    sum.resident_bytes += one.resident_bytes;
  }
  return sum;
}

process_cost own_cost() {
  return cost_of(::getpid());
}

std::uint64_t monotonic_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return as_ns(time);
}

}  // namespace bench
