#include "app/run/run.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "app/run/channel.hpp"
#include "app/run/command_process.hpp"
#include "app/run/front.hpp"
#include "app/run/keeper.hpp"
#include "app/run/outer_run.hpp"
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

/// The command instead of us: the run around this one has its traffic, whatever we do.
exit_code leave_to_outer(const run_command& asked) {
  if (!asked.quiet) {
    std::fputs("zerogravity: within another run, which watches this command too and reports what it spends\n", stderr);
  }
  const int error = run::replace_process(asked.words);
  std::fprintf(stderr, "zerogravity: %s: %s\n", asked.words.front().c_str(), std::strerror(error));
  return error == ENOENT ? exit_code::not_found : exit_code::not_executable;
}

}  // namespace

exit_code run_watched(const run_command& asked, const config& values) {
  const bool within = run::within_run();
  if (within && asked.json.empty() && !asked.max_tokens) return leave_to_outer(asked);
  auto watching = run::with_hosts_of(asked, values);
  if (!watching) {
    std::fprintf(stderr, "zerogravity: %s\n", watching.error().why.c_str());
    return exit_code::bad_config;
  }
  if (!can_write(asked.json)) return refuse(("write " + asked.json.string()).c_str());
  auto ends = run::channel::make();
  if (!ends) return refuse("make a socket pair");
  const auto signals = run::hold_signals();
  const pid_t keeper = ::fork();
  if (keeper < 0) return refuse("fork");
  if (keeper == 0) {
    ends->first.close();
    run::keep({asked, run::values_for_run(std::move(*watching)), signals, within}, ends->second);
    std::_Exit(0);
  }
  ends->second.close();
  return static_cast<exit_code>(run::stand_in_front(ends->first, keeper));
}

}  // namespace app
