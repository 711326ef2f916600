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

/// A token in a command line is everybody's, unless /proc keeps the processes of others to themselves.
finding look_at_tokens(std::span<const cascade::found_server> servers, bool processes_hidden);

/// Of the text of /proc/mounts: are the command lines of other users' processes kept from an ordinary user?
bool hides_processes(std::string_view mounts);

}  // namespace app
