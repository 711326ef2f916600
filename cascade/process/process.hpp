#pragma once

// One child process: its standard streams as coroutines, its end awaited through a pidfd (no SIGCHLD handler, no
// polling), its whole process group ended with it. Driven by the supervisor; everything runs on the executor it was
// launched on, which is a strand.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "cascade/process/process_user.hpp"
#include "net/errc.hpp"

namespace cascade {

namespace asio = boost::asio;

struct process_spec {
  std::vector<std::string> command;      // program, by path or found in PATH of `environment`, and its arguments
  std::vector<std::string> environment;  // NAME=value; the whole of it, nothing is inherited
  std::string directory;                 // empty: ours
  std::optional<process_user> user;      // none: ourselves. Through sudo the environment shows in the command line.
};

struct process_exit {
  bool by_signal = false;
  int number = 0;  // exit code or signal
};

/// "exited with code 0", "was ended by signal 9".
std::string to_string(const process_exit& exit);

struct launch_failure {
  boost::system::error_code code;
  std::string step;  // what could not be done
};

class process {
 public:
  using launched = boost::system::result<std::unique_ptr<process>, launch_failure>;
  enum class output : bool { out, error };

  /// Resumes once the program runs or could not be run.
  static asio::awaitable<launched> launch(asio::any_io_executor executor, process_spec spec);

  /// A process that still runs is killed, and waited for; terminate() first.
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  pid_t id() const noexcept { return id_; }

  /// How it ended. The rest of its process group is killed. Several may wait. The only error is cancellation.
  asio::awaitable<net::result<process_exit>> exited();
  const std::optional<process_exit>& exit() const noexcept { return exit_; }

  /// Writes `input` to its standard input, then closes that.
  asio::awaitable<net::result<void>> feed(std::string input);

  /// Calls `on_line` for each line until the stream ends or close_output(); longer lines are cut to `longest` bytes.
  asio::awaitable<void> read_lines(output stream, std::size_t longest, std::function<void(std::string_view)> on_line);

  /// Needed because a process that we cannot end may hold its pipes open for ever.
  void close_output();

  /// Signals the whole group. A process that runs through sudo can only be ended by its own user, so sudo is asked to.
  asio::awaitable<void> send_signal(int number);

  /// Sends SIGTERM, then SIGKILL if it still runs after `grace`, and waits for the end. Returns timed_out after another
  /// `grace` if the kernel does not release the process or we have no right to end it.
  asio::awaitable<net::result<process_exit>> terminate(std::chrono::steady_clock::duration grace);

 private:
  using pipe_end = asio::posix::stream_descriptor;

  process(asio::any_io_executor executor, pid_t id, process_spec spec);
  static asio::awaitable<launched> confirm(std::unique_ptr<process> started, pipe_end& report);
  void reap();

  asio::any_io_executor executor_;
  pid_t id_;
  process_spec spec_;  // its user and environment serve sudo again
  pipe_end pidfd_;
  pipe_end input_;
  pipe_end out_;
  pipe_end error_;
  std::optional<process_exit> exit_;
};

/// Resumes once `pid`, which need not be a child of ours, has ended.
asio::awaitable<net::result<void>> process_gone(pid_t pid);

}  // namespace cascade
