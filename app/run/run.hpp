#pragma once

// `zerogravity run -- CMD…`: one command with its TLS to the watched hosts intercepted, without root and without a
// service. Three processes:
//
//   front    what the shell waits for: passes signals on, ends with the command's status
//   keeper   the interceptor; stays as long as a process of the command's tree lives
//   command  in a network and mount namespace of its own (command_process.hpp)
//
// Within another run, which sees all of it, the command is just started, unless the inner run is to count for itself.
//
// All are in the shell's process group, so that the terminal's keys reach the command as if it were alone. Where one of
// ours is killed, the other ends the tree.

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
  std::filesystem::path json;              // where the report is written; empty: nowhere
  std::optional<std::int64_t> max_tokens;  // input and output together
  way_of way = way_of::automatic;          // automatic: a private network, or else a proxy
  bool quiet = false;                      // no report on stderr
  bool named_bundle = false;               // the bundle has its place on the command line; else it is the run's own
};

exit_code run_watched(const run_command& asked, const config& values);

}  // namespace app
