#pragma once

// The process that becomes the command. The keeper forks it while the keeper has only one thread. The process makes the
// private network in its own namespaces, sends the listeners to the keeper, waits for the interceptor, and then
// executes the command. Its uid, gid and working directory stay the same. Its privileges in the namespaces end with
// exec.

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include <sys/types.h>

#include "app/run/channel.hpp"
#include "app/run/private_network.hpp"
#include "app/run/run_config.hpp"

namespace app::run {

/// How the command's traffic reaches the interceptor.
enum class run_mode : std::uint8_t { private_network, proxy };

/// The first message of the command's process tells what it has set up. The message carries these descriptors: the
/// listeners, then the resolvers, then the netlink socket.
struct setup_report {
  std::array<char, 120> failed_to{};  // what it could not do; empty: nothing failed
  int error = 0;
  capture_kind capture = capture_kind::every_port;
  std::uint8_t listeners = 0;
};

/// The keeper's answer: begin. If the channel closes instead, the process gives up.
struct begin_order {
  std::array<char, 4096> bundle{};  // paths
  std::array<char, 4096> certificate{};
  std::array<char, 4096> java_store{};  // empty: there is none
  std::array<char, 256> proxy_url{};    // mode proxy
};

/// Mode proxy: sent before the command begins, with the descriptor of tell_of_connections() if there is one.
struct connections_notice {
  bool descriptor_comes = false;
};

/// The last message, sent only if exec fails. A successful exec closes the channel instead.
enum class exec_step : std::uint8_t { trust, exec };
struct exec_failure {
  exec_step step = exec_step::exec;
  int error = 0;
};

struct command_plan {
  std::vector<std::string> words;  // the program, which is searched in PATH, and its arguments
  run_mode mode = run_mode::private_network;
  capture_kind capture = capture_kind::every_port;
  sigset_t signals{};                               // the command's signal mask
  std::vector<std::uint16_t> further_ports = {};    // ports of its proxies, in addition to the usual ones
  std::vector<command_variable> behind_proxy = {};  // mode proxy
};

/// Executes the program, which is searched in PATH. Returns only on failure: an errno, ENOENT if it was not found.
int replace_process(const std::vector<std::string>& words);

/// Forks. The child never returns. -1 on failure, with errno set.
pid_t start_command(const command_plan& plan, channel& to_keeper, channel& own_end);

}  // namespace app::run
