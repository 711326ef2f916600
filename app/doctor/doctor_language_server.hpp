#pragma once

// The doctor's findings about language servers: which ones run here, and whether other users can control them.

#include <span>
#include <string_view>
#include <vector>

#include "app/config/config.hpp"
#include "app/doctor/doctor.hpp"
#include "cascade/process/discovery.hpp"

namespace app {

/// The running language servers. Only the service knows which kind of stream it reads them by.
std::vector<finding> look_at_language_servers(const config& values);

/// Whether other users can read a token: every user can read command lines, unless /proc hides them (hidepid).
finding look_at_tokens(std::span<const cascade::found_server> servers, bool processes_hidden);

/// `mounts` is the text of /proc/mounts. True if it hides the command lines of other users' processes.
bool hides_processes(std::string_view mounts);

}  // namespace app
