#pragma once

// `zerogravity attach`: lists the language servers that run on this machine, each with the command that intercepts it.

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

/// How servers are listed: as one paragraph or one line of JSON each, never with their tokens.
struct listing {
  bool json = false;
  bool service_runs = false;  // then the printed command redirects the server to it; otherwise it starts a service
  std::string script = "scripts/mitm-redirect.sh";  // as the user must type it; empty: not installed
};
void list_servers(std::span<const cascade::found_server> servers, listing how, std::ostream& out);

}  // namespace app
