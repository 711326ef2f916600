#include "app/run/run.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

#include <unistd.h>

#include "app/run/channel.hpp"
#include "app/run/front.hpp"
#include "app/run/keeper.hpp"
#include "app/run/run_config.hpp"

namespace app {
namespace {

exit_code refuse(const char* what) {
  std::fprintf(stderr, "zerogravity: cannot %s: %s\n", what, std::strerror(errno));
  return exit_code::not_started;
}

bool can_write(const std::filesystem::path& file) {
  return file.empty() || std::ofstream(file, std::ios::app).good();
}

}  // namespace

exit_code run_watched(const run_command& asked, const config& values) {
  if (!can_write(asked.json)) return refuse(("write " + asked.json.string()).c_str());
  auto ends = run::channel::make();
  if (!ends) return refuse("make a socket pair");
  const auto signals = run::hold_signals();
  const pid_t keeper = ::fork();
  if (keeper < 0) return refuse("fork");
  if (keeper == 0) {
    ends->first.close();
    run::keep({asked, run::values_for_run(values), signals}, ends->second);
    std::_Exit(0);
  }
  ends->second.close();
  return static_cast<exit_code>(run::stand_in_front(ends->first, keeper));
}

}  // namespace app
