#include "bench/push/pushing_server.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <new>
#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "bench/push/push_service.hpp"

namespace bench {
namespace {

constexpr const char* token = "bench";

/// The child. It reports its port, and serves until the other end of `stop` is closed.
[[noreturn]] void serve(int say, int stop, pushing_server::counters& written) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_TIMERSLACK, 1);
  ::signal(SIGINT, SIG_IGN);
  {
    push_service service(written, token);
    const std::string where = fmt::format("{}\n{}", service.port(), service.certificate_pem());
    if (::write(say, where.data(), where.size()) < 0) ::_exit(1);
    ::close(say);
    char nothing = 0;
    while (::read(stop, &nothing, 1) > 0) {
    }
  }
  ::_exit(0);
}

std::string read_all(int from) {
  std::string out;
  std::array<char, 4096> block;
  for (ssize_t got = 0; (got = ::read(from, block.data(), block.size())) > 0;) {
    out.append(block.data(), static_cast<std::size_t>(got));
  }
  return out;
}

}  // namespace

std::string push_plan::cascade_id() const {
  return fmt::format("{}/{}/{}/{}/{}", earlier_bytes, every.count(), records, stream, streams);
}

std::optional<push_plan> push_plan::parse(const std::string& cascade_id) {
  push_plan plan;
  unsigned long long every = 0;
  const int got = std::sscanf(cascade_id.c_str(), "%zu/%llu/%u/%u/%u", &plan.earlier_bytes, &every, &plan.records,
                              &plan.stream, &plan.streams);
  if (got != 5 || plan.streams == 0) return std::nullopt;
  plan.every = std::chrono::microseconds(every);
  return plan;
}

pushing_server::pushing_server() {
  void* shared = ::mmap(nullptr, sizeof(counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error("no shared memory");
  counters_ = new (shared) counters{};
  std::array<int, 2> say{};
  std::array<int, 2> stop{};
  if (::pipe(say.data()) != 0 || ::pipe(stop.data()) != 0) throw std::runtime_error("no pipe");
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    ::close(say[0]);
    ::close(stop[1]);
    serve(say[1], stop[0], *counters_);
  }
  ::close(say[1]);
  ::close(stop[0]);
  stop_ = stop[1];
  const std::string where = read_all(say[0]);
  ::close(say[0]);
  const auto end_of_port = where.find('\n');
  if (end_of_port == std::string::npos) throw std::runtime_error("the language server of the bench did not start");
  address_ = {"127.0.0.1:" + where.substr(0, end_of_port), token, where.substr(end_of_port + 1)};
}

pushing_server::~pushing_server() {
  ::close(stop_);
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  ::munmap(counters_, sizeof(counters));
}

}  // namespace bench
