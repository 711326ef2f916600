#pragma once

// The process that becomes the command. It is forked by the keeper while that has one thread, makes the private network
// in namespaces of its own, hands the listeners out, waits for the interceptor and replaces itself. In the namespaces
// it has the same uid, gid and working directory; what it may do there ends with exec.

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include <sys/types.h>

#include "app/run/channel.hpp"
#include "app/run/private_network.hpp"
#include "app/run/run_config.hpp"

namespace app::run {

/// How the traffic of the command comes to the interceptor.
enum class run_mode : std::uint8_t { private_network, proxy };

/// The first message of the command's process: what it has set up. Its descriptors are the listeners, then the
/// resolvers, then the netlink socket.
struct setup_report {
  std::array<char, 120> failed_to{};  // empty: all is done
  int error = 0;
  capture_kind capture = capture_kind::every_port;
  std::uint8_t listeners = 0;
};

/// The answer: begin. The end of the channel instead means: give up.
struct begin_order {
  std::array<char, 4096> bundle{};  // paths
  std::array<char, 4096> certificate{};
  std::array<char, 256> proxy_url{};  // mode proxy
};

/// Mode proxy: sent before the command begins, with the descriptor of tell_of_connections() if there is one.
struct connections_notice {
  bool descriptor_comes = false;
};

/// The last message, unless exec has closed the channel.
enum class exec_step : std::uint8_t { trust, exec };
struct exec_failure {
  exec_step step = exec_step::exec;
  int error = 0;
};

struct command_plan {
  std::vector<std::string> words;  // the program, looked for in PATH, and its arguments
  run_mode mode = run_mode::private_network;
  capture_kind capture = capture_kind::every_port;
  sigset_t signals{};                               // the mask that the command gets
  std::vector<std::uint16_t> further_ports = {};    // beside the usual ones: where its proxies are
  std::vector<command_variable> behind_proxy = {};  // mode proxy
};

/// Executes the program, looked for in PATH. Returns only on failure: an errno, ENOENT if it was not found.
int replace_process(const std::vector<std::string>& words);

/// Forks; the child never returns. -1: errno.
pid_t start_command(const command_plan& plan, channel& to_keeper, channel& own_end);

}  // namespace app::run
