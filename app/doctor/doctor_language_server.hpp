#pragma once

// What the doctor says of language servers: which run here, and whether other users of the machine can command them.

#include <span>
#include <string_view>
#include <vector>

#include "app/config/config.hpp"
#include "app/doctor/doctor.hpp"
#include "cascade/process/discovery.hpp"

namespace app {

/// Language servers that run. The kind of stream that one is read by is known to the service.
std::vector<finding> look_at_language_servers(const config& values);

/// Every user can read a token in a command line, unless /proc hides the processes of others (hidepid).
finding look_at_tokens(std::span<const cascade::found_server> servers, bool processes_hidden);

/// `mounts` is the text of /proc/mounts. True if it hides the command lines of other users' processes.
bool hides_processes(std::string_view mounts);

}  // namespace app
