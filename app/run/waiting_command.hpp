#pragma once

// The command's process as the keeper sees it. It is forked, has its private network or its proxy, and waits for the
// order to begin.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "app/base/exit_code.hpp"
#include "app/run/channel.hpp"
#include "app/run/command_process.hpp"
#include "app/run/keeper.hpp"
#include "app/run/past_proxy.hpp"
#include "net/descriptor.hpp"

namespace app::run {

struct waiting_command {
  pid_t process = -1;
  run_mode mode = run_mode::private_network;
  std::vector<net::descriptor> listeners;  // in its network; they receive its TCP connections
  std::vector<net::descriptor> resolvers;  // in its network; they receive its DNS queries
  net::descriptor netlink;                 // NETLINK_SOCK_DIAG of its network
  channel orders;
};

/// Forks it in the way that `run` was asked for. Prints on stderr what is not possible. nullopt: no way is possible.
std::optional<waiting_command> start_waiting(const keeper_setup& setup, const config& values);

/// With a proxy, after the order to begin: watches for programs that ignore the proxy, and names them on stderr. If
/// stderr is a terminal, only the report names them. null: this kernel does not report them. `quiet`: prints nothing.
std::unique_ptr<past_proxy> watch_past_proxy(waiting_command& command, bool quiet);

/// Waits until it has begun. If it could not begin, it has ended, a line on stderr gives the reason, and an exit code
/// is returned.
std::optional<exit_code> wait_for_exec(waiting_command& command, const std::string& program);

}  // namespace app::run
