#pragma once

// For tests and benches: a simulator, or another program, as a process of its own, with what it writes, ended when the
// object goes.

#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sim::ls {

class process {
 public:
  /// `input` goes to its stdin, then the end; lines are read from `output_fd` (1 or 2). `environment` is NAME=VALUE.
  process(std::vector<std::string> command, std::string_view input, int output_fd, std::string environment = {}) {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    id_ = ::fork();
    if (id_ == 0) run(command, in[0], out[1], output_fd, environment);
    ::close(in[0]);
    ::close(out[1]);
    output_ = out[0];
    reader_ = std::jthread([this] { read_all(); });
    if (::write(in[1], input.data(), input.size()) < 0) throw std::runtime_error("write");
    ::close(in[1]);
  }
  ~process() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
    reader_.join();
    ::close(output_);
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  /// The next line with `word` in it; nothing at the end of output.
  std::optional<std::string> line_with(std::string_view word) {
    std::unique_lock lock(mutex_);
    for (;;) {
      more_.wait(lock, [this] { return ended_ || text_.find('\n') != text_.npos; });
      const auto end = text_.find('\n');
      if (end == text_.npos) return std::nullopt;
      auto line = text_.substr(0, end);
      text_.erase(0, end + 1);
      if (line.find(word) != line.npos) return line;
    }
  }

  /// Waits; the exit code, or minus the signal's number.
  int exit_code() {
    int status = 0;
    ::waitpid(std::exchange(id_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  pid_t id() const { return id_; }

  void terminate() const { ::kill(id_, SIGTERM); }

  /// A folder with an entry per thread.
  std::filesystem::path tasks() const { return "/proc/" + std::to_string(id_) + "/task"; }

 private:
  [[noreturn]] static void run(std::vector<std::string>& command, int in, int out, int output_fd,
                               std::string& environment) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, output_fd);
    if (!environment.empty()) ::putenv(environment.data());
    std::vector<char*> arguments;
    for (auto& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }

  /// Always, so that a process which says much is never stopped by a full pipe.
  void read_all() {
    char block[4096];
    for (;;) {
      const auto size = ::read(output_, block, sizeof block);
      const std::scoped_lock lock(mutex_);
      if (size > 0) text_.append(block, static_cast<std::size_t>(size));
      ended_ = size <= 0;
      more_.notify_all();
      if (ended_) return;
    }
  }

  pid_t id_ = -1;
  int output_ = -1;
  std::mutex mutex_;
  std::condition_variable more_;
  std::string text_;
  bool ended_ = false;
  std::jthread reader_;
};

}  // namespace sim::ls
