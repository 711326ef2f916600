#include "app/run/waiting_command.hpp"

#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

#include "app/run/report.hpp"
#include "app/run/run_config.hpp"

namespace app::run {
namespace {

void warn_of_few_ports(bool asked_for) {
  say(std::string(asked_for ? "" : "this kernel has no nftables TPROXY: ") +
      "only TCP ports 443, 80, 22 and 8443 work for the command");
}

void explain(const setup_failure& failure) {
  say("no network of its own for the command: cannot " + failure.what + ": " + std::strerror(failure.error));
  say("`zerogravity doctor` says what to change");
}

std::vector<descriptor> take_from(std::vector<descriptor>& sockets, std::size_t first) {
  const auto begin = sockets.begin() + static_cast<std::ptrdiff_t>(first);
  std::vector<descriptor> taken(std::make_move_iterator(begin), std::make_move_iterator(sockets.end()));
  sockets.resize(first);
  return taken;
}

/// The channel is at its end, or the report says what failed.
setup_failure failure_of(const std::optional<setup_report>& report) {
  return report ? setup_failure{report->failed_to.data(), report->error} : setup_failure{"start a process", ECHILD};
}

setup_result<waiting_command> fork_command(const keeper_setup& setup, const config& values, run_mode mode,
                                           capture_kind capture) {
  auto ends = channel::make();
  if (!ends) return setup_failure{"make a socket pair", errno};
  const command_plan plan{
      setup.asked.words, mode, capture, setup.signals, ports_of_proxies(), variables_behind_proxy(values)};
  waiting_command command;
  command.mode = mode;
  command.process = start_command(plan, ends->second, ends->first);
  if (command.process < 0) return setup_failure{"fork", errno};
  ends->second.close();
  command.orders = std::move(ends->first);
  std::vector<descriptor> sockets;
  const auto report = command.orders.receive<setup_report>(&sockets);
  if (!report || report->failed_to[0] != '\0' || sockets.size() < report->listeners) {
    command.orders.close();
    ::waitpid(command.process, nullptr, 0);
    return failure_of(report);
  }
  if (mode == run_mode::private_network) {
    command.netlink = std::move(sockets.back());
    sockets.pop_back();
    if (report->capture == capture_kind::usual_ports) {
      warn_of_few_ports(setup.asked.way == run_command::way_of::usual_ports);
    }
  }
  command.resolvers = take_from(sockets, report->listeners);
  command.listeners = std::move(sockets);
  return command;
}

}  // namespace

std::optional<waiting_command> start_waiting(const keeper_setup& setup, const config& values) {
  using enum run_command::way_of;
  const auto way = setup.asked.way;
  if (way != proxy) {
    auto isolated = fork_command(setup, values, run_mode::private_network,
                                 way == usual_ports ? capture_kind::usual_ports : capture_kind::every_port);
    if (isolated.has_value()) return std::move(*isolated);
    explain(isolated.error());
    if (way != automatic) return std::nullopt;
    say("using a proxy instead");
  }
  auto beside = fork_command(setup, values, run_mode::proxy, capture_kind::every_port);
  if (beside.has_value()) return std::move(*beside);
  explain(beside.error());
  return std::nullopt;
}

std::unique_ptr<past_proxy> watch_past_proxy(waiting_command& command, bool quiet) {
  std::vector<descriptor> handed_over;
  const auto notice = command.orders.receive<connections_notice>(&handed_over);
  const bool can_name = notice && notice->descriptor_comes && !handed_over.empty();
  if (!quiet) {
    say(std::string("by a proxy (HTTPS_PROXY), programs that ignore it are not watched; ") +
        (can_name ? "they are named here" : "they cannot be named here"));
  }
  if (!can_name) return nullptr;
  const bool at_once = !quiet && ::isatty(STDERR_FILENO) == 0;
  return std::make_unique<past_proxy>(std::move(handed_over.front()), [at_once](const direct_program& program) {
    if (!at_once) return;
    say(program.executable + " ignores HTTPS_PROXY: it connects to " + program.address +
        " port 443 itself, and is not watched");
  });
}

std::optional<exit_code> wait_for_exec(waiting_command& command, const std::string& program) {
  const auto failure = command.orders.receive<exec_failure>();
  command.orders.close();
  if (!failure) return std::nullopt;
  ::waitpid(command.process, nullptr, 0);
  if (failure->step == exec_step::trust) {
    say(std::string("cannot bind the CA bundle over the system's: ") + std::strerror(failure->error));
    return exit_code::not_started;
  }
  say(program + ": " + std::strerror(failure->error));
  return failure->error == ENOENT ? exit_code::not_found : exit_code::not_executable;
}

}  // namespace app::run
