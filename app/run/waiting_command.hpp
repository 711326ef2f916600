#pragma once

// The command's process as the keeper sees it: forked, in a network of its own or beside a proxy, waiting for the order
// to begin.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "app/base/exit_code.hpp"
#include "app/linux/descriptor.hpp"
#include "app/run/channel.hpp"
#include "app/run/command_process.hpp"
#include "app/run/keeper.hpp"
#include "app/run/past_proxy.hpp"

namespace app::run {

struct waiting_command {
  pid_t process = -1;
  run_mode mode = run_mode::private_network;
  std::vector<descriptor> listeners;  // of its network: TCP connections come here
  std::vector<descriptor> resolvers;  // of its network: DNS queries come here
  descriptor netlink;                 // NETLINK_SOCK_DIAG of its network
  channel orders;
};

/// Forks it as `run` was asked to; says on stderr what could not be done. nullopt: there is no way.
std::optional<waiting_command> start_waiting(const keeper_setup& setup, const config& values);

/// Behind a proxy, after the order to begin: watches for programs that ignore the proxy, and names them on stderr
/// unless that is a terminal, where the report does. null: this kernel does not tell of them. `quiet`: nothing is said.
std::unique_ptr<past_proxy> watch_past_proxy(waiting_command& command, bool quiet);

/// Waits until it has begun. An exit code, with a line on stderr, if it could not: then it has ended.
std::optional<exit_code> wait_for_exec(waiting_command& command, const std::string& program);

}  // namespace app::run
