#include "cascade/process/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "cascade/process/process_command.hpp"
#include "cascade/process/process_exec.hpp"
#include "cascade/process/process_lines.hpp"
#include "cascade/process/process_pipe.hpp"
#include "net/by.hpp"

namespace cascade {

namespace {

constexpr auto done = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_block = 16 * 1024;

boost::system::error_code last_error() {
  return {errno, boost::system::system_category()};
}

// glibc 2.36 declares its wrapper without C linkage.
int open_pidfd(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

struct child_pipes {
  process_pipe input, output, error, report;
};

net::result<child_pipes> open_pipes() {
  child_pipes pipes;
  for (process_pipe* each : {&pipes.input, &pipes.output, &pipes.error, &pipes.report}) {
    auto opened = process_pipe::open();
    if (!opened) return opened.error();
    *each = std::move(*opened);
  }
  return pipes;
}

net::result<pid_t> start(const process_spec& spec, const child_pipes& pipes) {
  const process_command command(spec);
  const bool setuid = spec.user && how_to_become(*spec.user) == change_of_user::setuid;
  exec_plan plan;
  plan.program = command.program();
  plan.arguments = command.arguments();
  plan.environment = command.environment();
  plan.directory = spec.directory.empty() ? nullptr : spec.directory.c_str();
  plan.become = setuid ? &*spec.user : nullptr;
  plan.input = pipes.input.read.get();
  plan.output = pipes.output.write.get();
  plan.error = pipes.error.write.get();
  plan.report = pipes.report.write.get();
  return fork_exec(plan);
}

}  // namespace

std::string to_string(const process_exit& exit) {
  return (exit.by_signal ? "was ended by signal " : "exited with code ") + std::to_string(exit.number);
}

process::process(asio::any_io_executor executor, pid_t id, process_spec spec)
    : executor_(executor),
      id_(id),
      spec_(std::move(spec)),
      pidfd_(executor),
      input_(executor),
      out_(executor),
      error_(executor) {}

asio::awaitable<process::launched> process::launch(asio::any_io_executor executor, process_spec spec) {
  if (spec.command.empty())
    co_return launch_failure{boost::system::errc::make_error_code(boost::system::errc::invalid_argument),
                             "find a program"};
  auto pipes = open_pipes();
  if (!pipes) co_return launch_failure{pipes.error(), "make pipes"};
  const auto pid = start(spec, *pipes);
  if (!pid) co_return launch_failure{pid.error(), "fork"};
  std::unique_ptr<process> child(new process(executor, *pid, std::move(spec)));
  // The child has not been waited for, so its number is its own.
  net::descriptor pidfd(open_pidfd(*pid));
  if (pidfd.get() < 0) co_return launch_failure{last_error(), "watch it"};
  child->pidfd_.assign(pidfd.release());
  child->input_.assign(pipes->input.write.release());
  child->out_.assign(pipes->output.read.release());
  child->error_.assign(pipes->error.read.release());
  pipe_end report(executor, pipes->report.read.release());
  *pipes = {};  // our copies of the child's ends: its end of the report must be the only one
  co_return co_await confirm(std::move(child), report);
}

asio::awaitable<process::launched> process::confirm(std::unique_ptr<process> started, pipe_end& report) {
  exec_report failure{};
  auto [error, got] = co_await asio::async_read(report, asio::buffer(&failure, sizeof failure), done);
  if (got != sizeof failure) co_return std::move(started);
  co_await started->exited();
  co_return launch_failure{{failure.error, boost::system::system_category()}, to_string(failure.step)};
}

process::~process() {
  if (exit_) return;
  const bool reached = ::kill(-id_, SIGKILL) == 0 || ::kill(id_, SIGKILL) == 0;
  // Without the right to end it, waiting could last for ever.
  if (reached) ::waitpid(id_, nullptr, 0);
}

asio::awaitable<net::result<process_exit>> process::exited() {
  while (!exit_) {
    auto [error] = co_await pidfd_.async_wait(pipe_end::wait_read, done);
    if (error) co_return error;
    reap();
  }
  co_return *exit_;
}

void process::reap() {
  if (exit_) return;
  siginfo_t gone{};
  if (::waitid(P_PID, static_cast<id_t>(id_), &gone, WEXITED | WNOHANG | WNOWAIT) != 0) {
    exit_ = process_exit{false, -1};  // somebody else in our process has waited for it
    return;
  }
  if (gone.si_pid == 0) return;
  // While the dead process still holds its number, nobody else's group can have it.
  ::kill(-id_, SIGKILL);
  exit_ = process_exit{gone.si_code != CLD_EXITED, gone.si_status};
  ::waitid(P_PID, static_cast<id_t>(id_), &gone, WEXITED | WNOHANG);
}

asio::awaitable<net::result<void>> process::feed(std::string input) {
  auto [error, written] = co_await asio::async_write(input_, asio::buffer(input), done);
  boost::system::error_code ignored;
  input_.close(ignored);
  if (error) co_return error;
  co_return net::result<void>{};
}

asio::awaitable<void> process::read_lines(output stream, std::size_t longest,
                                          std::function<void(std::string_view)> on_line) {
  pipe_end& pipe = stream == output::out ? out_ : error_;
  process_lines lines(longest);
  std::vector<char> block(read_block);
  for (;;) {
    auto [error, got] = co_await pipe.async_read_some(asio::buffer(block), done);
    lines.feed({block.data(), got}, on_line);
    if (error) break;
  }
  lines.end(on_line);
}

void process::close_output() {
  boost::system::error_code ignored;
  out_.close(ignored);
  error_.close(ignored);
}

asio::awaitable<void> process::send_signal(int number) {
  if (exit_ || ::kill(-id_, number) == 0 || errno != EPERM || !spec_.user) co_return;
  process_spec kill{{"kill", "-" + std::to_string(number), "--", "-" + std::to_string(id_)}, {}, {}, spec_.user};
  auto asked = co_await launch(executor_, std::move(kill));
  if (asked) co_await (*asked)->exited();
}

asio::awaitable<net::result<process_exit>> process::terminate(std::chrono::steady_clock::duration grace) {
  co_await send_signal(SIGTERM);
  auto ended = co_await net::by(net::after(grace), exited());
  if (ended) co_return ended;
  co_await send_signal(SIGKILL);
  co_return co_await net::by(net::after(grace), exited());
}

asio::awaitable<net::result<void>> process_gone(pid_t pid) {
  net::descriptor pidfd(open_pidfd(pid));
  if (pidfd.get() < 0 && errno == ESRCH) co_return net::result<void>{};
  if (pidfd.get() < 0) co_return last_error();
  asio::posix::stream_descriptor watched(co_await asio::this_coro::executor, pidfd.release());
  auto [error] = co_await watched.async_wait(asio::posix::stream_descriptor::wait_read, done);
  if (error) co_return error;
  co_return net::result<void>{};
}

}  // namespace cascade
