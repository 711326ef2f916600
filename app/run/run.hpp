#pragma once

// `zerogravity run -- CMD…`: runs one command and intercepts its TLS to the watched hosts. It needs neither root nor a
// service. It consists of three processes:
//
//   front    the process that the shell waits for; passes signals on, and ends with the command's status
//   keeper   the interceptor; lives as long as any process of the command's tree
//   command  runs in a network and mount namespace of its own (command_process.hpp)
//
// Inside another run, the command is only started, because the outer run sees all of its traffic. The exception is an
// inner run that must count for itself.
//
// All three are in the shell's process group, so that the terminal's keys reach the command as if it ran alone. If the
// front or the keeper is killed, the other one ends the tree.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/base/exit_code.hpp"
#include "app/config/config.hpp"

namespace app {

struct run_command {
  enum class way_of : std::uint8_t { automatic, network, usual_ports, proxy };

  std::vector<std::string> words;          // the command and its arguments
  std::filesystem::path json;              // file for the report; empty: none
  std::optional<std::int64_t> max_tokens;  // input and output together
  way_of way = way_of::automatic;          // automatic: a private network if possible, else a proxy
  bool quiet = false;                      // no report on stderr
  std::vector<std::string> hosts;          // patterns to watch in addition to the configured ones
  bool only_hosts = false;                 // instead of them
  bool named_bundle = false;  // the command line names the bundle's file; otherwise it is in the run's own folder
};

exit_code run_watched(const run_command& asked, const config& values);

}  // namespace app
