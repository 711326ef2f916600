#include "test/sim/language_server/log_line.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <string>

#include <unistd.h>

namespace sim::ls {

void log_line(std::string_view where, std::string_view text) {
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  std::tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  std::array<char, 64> head{};
  const auto size = std::strftime(head.data(), head.size(), "I%m%d %H:%M:%S", &parts);
  const auto more = std::snprintf(head.data() + size, head.size() - size, ".%06ld %7d ", now.tv_nsec / 1000, getpid());
  std::string line(head.data(), size + static_cast<std::size_t>(more));
  line.append(where).append("] ").append(text).append("\n");
  // One write, so that lines of several threads stay whole. Nobody reads: the server goes on.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace sim::ls
