#include "bench/run_bench.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"
#include "bench/common/scratch_directory.hpp"

extern char** environ;  // NOLINT: POSIX has it so

namespace bench {
namespace {

using words = std::vector<std::string>;

constexpr std::uint64_t millisecond = 1'000'000;
constexpr double most_added_us = 50'000;

struct contestant {
  std::string name;
  words before;  // the command
};

struct measure {
  std::string name;
  bool once = false;
  std::function<void(comparison&, const contestant&)> play;
};

std::uint64_t wall_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
}

class pipe_of {
 public:
  pipe_of() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  ~pipe_of() {
    ::close(ends_[0]);
    close_writer();
  }
  pipe_of(const pipe_of&) = delete;
  pipe_of& operator=(const pipe_of&) = delete;

  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::string read_all() {
    std::string out;
    std::array<char, 4096> block;
    for (ssize_t got = 0; (got = ::read(ends_[0], block.data(), block.size())) > 0;) {
      out.append(block.data(), static_cast<std::size_t>(got));
    }
    return out;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

struct outcome {
  int status = 0;
  std::uint64_t took = 0;   // start to end, ns
  std::uint64_t began = 0;  // by the wall clock
  std::string said;
};

/// Reads a short output, including standard error, until the process has ended and nothing can write any more.
outcome run(words command, const std::string& path) {
  pipe_of said;
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, said.writer(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, said.writer(), STDERR_FILENO);
  pid_t pid = -1;
  outcome out;
  out.began = wall_ns();
  const std::uint64_t before = monotonic_ns();
  const int failed = ::posix_spawnp(&pid, path.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot run " + path);
  ::waitpid(pid, &out.status, 0);
  out.took = monotonic_ns() - before;
  said.close_writer();
  out.said = said.read_all();
  return out;
}

outcome run(const contestant& of, std::initializer_list<const char*> command) {
  words all = of.before;
  all.insert(all.end(), command.begin(), command.end());
  const std::string path = all.front();
  outcome out = run(std::move(all), path);
  if (out.status != 0) throw std::runtime_error(out.said);
  return out;
}

void measure_true(comparison& out, const contestant& of, std::chrono::milliseconds time) {
  histogram took;
  const std::uint64_t end = monotonic_ns() + static_cast<std::uint64_t>(time.count()) * millisecond;
  do {
    took.record(run(of, {"true"}).took);
  } while (monotonic_ns() < end);
  out.add("start to end of true", of.name, took);
}

/// `date` says when it ran.
void measure_phases(comparison& out, const contestant& of, std::chrono::milliseconds time) {
  histogram before_it;
  histogram after_it;
  const std::uint64_t end = monotonic_ns() + static_cast<std::uint64_t>(time.count()) * millisecond;
  do {
    const outcome got = run(of, {"date", "+%s%N"});
    const std::uint64_t ran = std::strtoull(got.said.c_str(), nullptr, 10);
    const std::uint64_t ended = got.began + got.took;
    if (ran < got.began || ran > ended) throw std::runtime_error("date says no nanoseconds, or the clock was set");
    before_it.record(ran - got.began);
    after_it.record(ended - ran);
  } while (monotonic_ns() < end);
  out.add("start to the command, date", of.name, before_it);
  out.add("from the command to the end, date", of.name, after_it);
}

/// The first run of a user creates the CA and the ledger.
void measure_first(comparison& out, const contestant& of, const std::string& state) {
  const scratch_directory fresh;
  ::setenv("ZEROGRAVITY_STATE_DIR", fresh.path.c_str(), 1);
  const std::uint64_t took = run(of, {"true"}).took;
  ::setenv("ZEROGRAVITY_STATE_DIR", state.c_str(), 1);
  out.add("a user's first, the CA is made", "us", of.name, static_cast<double>(took) / 1000.0);
}

std::vector<contestant> contestants_of(const std::string& zerogravity) {
  const auto by = [&](const std::string& name, const char* way) {
    return contestant{name, {zerogravity, "run", "--quiet", "--way", way, "--"}};
  };
  std::vector<contestant> out{{"plain", {}}};
  for (const auto& each : {by("run", "network"), by("run by proxy", "proxy")}) {
    try {
      run(each, {"true"});
      out.push_back(each);
    } catch (const std::exception& error) {
      fmt::print(stderr, "{} is not measured: {}\n", each.name, error.what());
    }
  }
  return out;
}

}  // namespace

comparison measure_run(const run_options& options) {
  const scratch_directory state;
  ::setenv("ZEROGRAVITY_STATE_DIR", state.path.c_str(), 1);
  const auto contestants = taking_part(options.how, contestants_of(options.zerogravity));
  const std::vector<measure> measures{
      {"first", true, [&](comparison& out, const contestant& of) { measure_first(out, of, state.path); }},
      {"true", false, [&](comparison& out, const contestant& of) { measure_true(out, of, options.time); }},
      {"phases", false, [&](comparison& out, const contestant& of) { measure_phases(out, of, options.time); }}};
  comparison out(names_of(contestants));
  play_in_turns(options.how, measures, contestants,
                [&](const measure& each, const contestant& of, unsigned) { each.play(out, of); });
  for (const auto& each : contestants) {
    if (each.before.empty()) continue;
    const std::string added = "added by " + each.name + ", p50";
    out.add_difference(added, "start to end of true, p50", each.name, "plain");
    out.must_reach(added, {each.name, most_added_us});
  }
  return out;
}

}  // namespace bench
