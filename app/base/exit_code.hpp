#pragma once

// The meanings of the program's exit status. `--help` prints the same table (exit_code_help).

#include <cstdint>
#include <string_view>

namespace app {

enum class exit_code : std::uint8_t {
  ok = 0,
  failed = 1,         // anything else went wrong while running
  bad_usage = 2,      // unknown command, flag or argument
  bad_config = 3,     // the configuration is wrong; each mistake is a line on stderr
  cannot_bind = 4,    // an address is taken, or its port is not permitted
  unreachable = 5,    // the service does not answer, or another program answers
  bad_state = 6,      // the state directory, the CA or the ledger cannot be used
  no_redirect = 7,    // serve --scope: the redirect could not be installed; serve: one catches the service itself
  rows_lost = 8,      // serve: it ended as requested, but rows could not be written and are lost
  over_budget = 124,  // run: --max-tokens were spent, and the command was ended
  not_started = 125,  // run: the command could not be started, or not be watched any longer
  not_executable = 126,
  not_found = 127,
};

inline constexpr std::string_view exit_code_help =
    "Exit status: 0 success, 1 failure while running, 2 wrong usage, 3 wrong configuration, 4 cannot listen (the\n"
    "address is taken or not permitted), 5 the service is not reachable or another program answers, 6 the state\n"
    "directory, the CA or the ledger cannot be used, 7 no redirect, 8 usage rows were lost.\n"
    "run returns the status of the command, or: 128 + n signal n killed it, 124 it spent its --max-tokens, 125 it "
    "could\n"
    "not be started or watched, 126 it is not executable, 127 it was not found.\n";

}  // namespace app
