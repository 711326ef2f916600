#include "app/run/command_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "app/run/past_proxy.hpp"
#include "app/run/trust.hpp"
#include "mitm/ca/trust_variables.hpp"

namespace app::run {
namespace {

bool write_file(const char* path, std::string_view text) {
  const net::descriptor file(::open(path, O_WRONLY | O_CLOEXEC));
  return file.valid() && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// Root needs no user namespace, and keeps what it may do outside the network.
setup_result<void> enter_namespaces(uid_t uid, gid_t gid) {
  if (uid == 0 && ::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0) return {};
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0) {
    return setup_failure{"make a user namespace", errno};
  }
  // An unprivileged process may map a group only after it gave up setgroups (user_namespaces(7)).
  const auto map = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  const bool mapped = write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", map(uid)) &&
                      write_file("/proc/self/gid_map", map(gid));
  if (!mapped) return setup_failure{"map the user into its namespace", errno};
  return {};
}

setup_result<private_network> make_private(const command_plan& plan) {
  const host_network host = read_host_network();
  if (auto entered = enter_namespaces(::geteuid(), ::getegid()); !entered) return entered.error();
  return raise_private_network(host, plan.capture, plan.further_ports);
}

void copy(std::string_view text, std::span<char> into) {
  const auto length = std::min(text.size(), into.size() - 1);
  std::memcpy(into.data(), text.data(), length);
  into[length] = '\0';
}

bool report_failure(channel& keeper, const setup_failure& failure) {
  setup_report report;
  copy(failure.what, report.failed_to);
  report.error = failure.error;
  keeper.send(report);
  return false;
}

bool hand_out(channel& keeper, private_network& made) {
  setup_report report;
  report.capture = made.capture;
  report.listeners = static_cast<std::uint8_t>(made.listeners.size());
  for (auto& each : made.resolvers) made.listeners.push_back(std::move(each));
  made.listeners.push_back(std::move(made.sockets));
  return keeper.send(report, made.listeners);
}

bool set_up(const command_plan& plan, channel& keeper) {
  if (plan.mode == run_mode::proxy) return keeper.send(setup_report{});
  auto made = make_private(plan);
  if (!made) return report_failure(keeper, made.error());
  return hand_out(keeper, *made);
}

void tell_java(const begin_order& order) {
  const char* before = std::getenv("JAVA_TOOL_OPTIONS");
  const auto options = java_options(before == nullptr ? "" : before, order.java_store.data());
  if (!options.empty()) ::setenv("JAVA_TOOL_OPTIONS", options.c_str(), 1);
}

void set_environment(const command_plan& plan, const begin_order& order) {
  for (const auto& [name, value] : mitm::trust_variables(order.bundle.data(), order.certificate.data())) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  if (plan.mode != run_mode::proxy) return;
  for (const char* name : {"HTTPS_PROXY", "https_proxy"}) ::setenv(name, order.proxy_url.data(), 1);
  ::setenv("NODE_USE_ENV_PROXY", "1", 1);
  for (const auto& [name, value] : plan.behind_proxy) {
    value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
  }
}

void hand_out_connections(channel& keeper) {
  std::vector<net::descriptor> handed_over;
  if (auto made = tell_of_connections(); made.valid()) handed_over.push_back(std::move(made));
  keeper.send(connections_notice{!handed_over.empty()}, handed_over);
}

bool exists_in_path(const std::string& word) {
  if (word.find('/') != std::string::npos) return true;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const auto directory = rest.substr(0, rest.find(':'));
    if (::access((std::string(directory) + "/" + word).c_str(), F_OK) == 0) return true;
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
  }
  return false;
}

[[noreturn]] void become(const command_plan& plan, channel& keeper) {
  ::pthread_sigmask(SIG_SETMASK, &plan.signals, nullptr);
  keeper.send(exec_failure{exec_step::exec, replace_process(plan.words)});
  ::_exit(127);
}

[[noreturn]] void run_child(const command_plan& plan, channel& keeper) {
  const auto parent = ::getppid();
  if (!set_up(plan, keeper)) ::_exit(125);
  const auto order = keeper.receive<begin_order>();
  if (!order) ::_exit(125);
  bool java_knows = false;
  if (plan.mode == run_mode::private_network) {
    if (auto bound = bind_bundle(order->bundle.data()); !bound) {
      keeper.send(exec_failure{exec_step::trust, bound.error().error});
      ::_exit(125);
    }
    java_knows = bind_places({order->bundle.data(), order->java_store.data()}, find_trust_places(plan.words.front()));
  }
  // Only then, because a Java prints the options that it picks up.
  if (!java_knows && order->java_store[0] != '\0') tell_java(*order);
  set_environment(plan, *order);
  if (plan.mode == run_mode::proxy) hand_out_connections(keeper);
  // Interception ends with the keeper, so the command must end, too. Set last, because a change of credentials clears
  // it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(125);
  become(plan, keeper);
}

}  // namespace

int replace_process(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  ::execvp(pointers.front(), pointers.data());
  const int error = errno;
  // execvp() fails with EACCES if it may not search a directory of PATH, even if the program exists nowhere.
  return error == EACCES && !exists_in_path(words.front()) ? ENOENT : error;
}

pid_t start_command(const command_plan& plan, channel& to_keeper, channel& own_end) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  own_end.close();
  run_child(plan, to_keeper);
}

}  // namespace app::run
