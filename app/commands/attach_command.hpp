#pragma once

// `zerogravity attach`: the language servers that run on this machine, and for each the command that has it watched.

#include <ostream>
#include <span>
#include <string>

#include "app/base/exit_code.hpp"
#include "app/config/config.hpp"
#include "cascade/process/discovery.hpp"

namespace app {

struct attach_command {
  bool json = false;
};

exit_code attach(const attach_command& asked, const config& values, std::ostream& out);

/// Prints one paragraph, or one JSON object on a line, per server. Their tokens are not shown. The command that is
/// printed tells a running service to watch the server, or starts a service.
struct listing {
  bool json = false;
  bool service_runs = false;
  std::string script = "scripts/mitm-redirect.sh";  // as it is to be typed; empty: there is none
};
void list_servers(std::span<const cascade::found_server> servers, listing how, std::ostream& out);

}  // namespace app
