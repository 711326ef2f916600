#pragma once

// `zerogravity ledger check|repair|export`. These work on the file itself and need no service.

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

#include "app/base/exit_code.hpp"
#include "app/config/config.hpp"

namespace app {

struct ledger_command {
  enum class action_of : std::uint8_t { check, repair, export_rows };
  action_of action = action_of::check;
  std::string file;  // empty: ledger.file of the configuration
  bool csv = false;  // export: CSV (RFC 4180) instead of one JSON object per line
};

/// Results go to `out`, failures to `err`.
struct ledger_output {
  std::ostream& out;
  std::ostream& err;
};

/// Exit status. check: 0 the ledger is whole, 1 it is damaged, 6 it cannot be read. repair: 0 it is whole now, 6 it
/// could not be repaired and nothing was changed. export: 0 every row was printed, 1 some rows were lost, 6 none could
/// be read.
exit_code run_ledger_command(const ledger_command& asked, const config& values, ledger_output output,
                             std::chrono::system_clock::time_point now);

}  // namespace app
