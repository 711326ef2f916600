#pragma once

// `zerogravity cascade`: one turn of a cascade on the terminal, written as it comes; or the list of cascades, or the
// end of one. It talks to the language server that the running service keeps, by gRPC.

#include <filesystem>
#include <iosfwd>

#include "app/command_line.hpp"
#include "app/exit_code.hpp"

namespace app {

/// Text and JSON lines go to `out`, reasoning, tools and what went wrong to `err`.
struct cascade_output {
  std::ostream& out;
  std::ostream& err;
};

/// Blocks until the turn is over. SIGINT cancels it. `unreachable` if no language server is ready, `failed` for a turn
/// that ended in an error.
exit_code run_cascade(const cascade_command& asked, const std::filesystem::path& state_dir, cascade_output to);

}  // namespace app
