#include "bench/serve_bench.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>

#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"
#include "bench/common/scratch_directory.hpp"

namespace bench {
namespace {

namespace fs = std::filesystem;

constexpr double most_until_ready_ms = 50;
constexpr double most_resident_megabytes = 30;

/// One life of the service.
class served {
 public:
  served(const std::string& program, const fs::path& config) : began_(monotonic_ns()) {
    std::array<int, 2> out{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(out[1], STDOUT_FILENO);
      ::execl(program.c_str(), program.c_str(), "serve", "--config", config.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(out[1]);
    said_ = out[0];
    if (pid_ < 0) throw std::runtime_error("cannot fork");
  }
  ~served() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(said_);
  }
  served(const served&) = delete;
  served& operator=(const served&) = delete;

  /// Start → the line on standard output, in nanoseconds.
  std::uint64_t until_ready() const {
    std::string text;
    std::array<char, 4096> block;
    while (text.find("ready ") == text.npos) {
      const ssize_t got = ::read(said_, block.data(), block.size());
      if (got <= 0) throw std::runtime_error("the service did not become ready");
      text.append(block.data(), static_cast<std::size_t>(got));
    }
    return monotonic_ns() - began_;
  }

  /// SIGTERM → gone, in nanoseconds.
  std::uint64_t until_gone() const {
    const std::uint64_t before = monotonic_ns();
    ::kill(pid_, SIGTERM);
    ::siginfo_t gone{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &gone, WEXITED | WNOWAIT);
    return monotonic_ns() - before;
  }

  double resident_megabytes() const { return static_cast<double>(cost_of(pid_).resident_bytes) / 1e6; }
  double anonymous_megabytes() const { return static_cast<double>(cost_of(pid_).memory_bytes) / 1e6; }

 private:
  std::uint64_t began_;
  pid_t pid_ = -1;
  int said_ = -1;
};

}  // namespace

findings measure_serve(const serve_options& options) {
  const scratch_directory work;
  const fs::path config = work.path / "config.toml";
  std::ofstream(config) << fmt::format(
      "state_dir = \"{}/state\"\n[api]\nlisten = [\"127.0.0.1:0\"]\n[mitm]\nlisten = [\"127.0.0.1:0\"]\n[log]\nlevel = "
      "\"warn\"\n",
      work.path.string());
  findings out;
  out.bench = "serve";
  histogram ready;
  histogram gone;
  for (unsigned i = 0; i <= options.starts; ++i) {
    const served one(options.zerogravity, config);
    const std::uint64_t took = one.until_ready();
    if (i == 0) {
      out.add("first start to ready, the CA and the ledger are made", static_cast<double>(took) / 1e6, "ms");
    } else {
      ready.record(took);
    }
    if (i == options.starts) {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      out.add("resident when idle", one.resident_megabytes(), "MB", most_resident_megabytes);
      out.add("of that anonymous", one.anonymous_megabytes(), "MB");
    }
    gone.record(one.until_gone());
  }
  out.add("start to ready, p50", static_cast<double>(ready.at(.5)) / 1e6, "ms", most_until_ready_ms);
  out.add("start to ready", std::move(ready));
  out.add("SIGTERM to gone", std::move(gone));
  out.notes.push_back("without a language server and without traffic");
  return out;
}

}  // namespace bench
