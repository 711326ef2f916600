#pragma once

// Reads /proc for discovery. Sees only what this user may see: of other users' processes the command line but not the
// sockets. Blocks only for short reads of kernel memory. Used by the supervisor.

#include <filesystem>
#include <string_view>
#include <vector>

#include "cascade/process/discovery.hpp"

namespace cascade {

struct discovery_limits {
  std::size_t command_line = 64 * 1024;     // bytes of one process's that are looked at
  std::size_t tcp_table = 8 * 1024 * 1024;  // bytes of the kernel's list of sockets that are looked at
  std::size_t descriptors = 4096;           // of one process that are looked at
  std::size_t servers = 64;
};

/// All language servers, in the order to try them. `proc` is /proc, or a copy of it.
std::vector<found_server> find_servers(const std::filesystem::path& proc, std::string_view workspace,
                                       const discovery_limits& limits = {});

/// Where `pid` listens, in the order of its descriptors.
std::vector<std::uint16_t> ports_of(const std::filesystem::path& proc, pid_t pid, const discovery_limits& limits = {});

}  // namespace cascade
