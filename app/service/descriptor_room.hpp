#pragma once

// How many connections the limit of open files allows. Fewer that work are better than more of which some fail with
// "Too many open files": further ones wait in the kernel's backlog. The service decides it at start.

#include <cstdint>
#include <string>

namespace app {

struct config;

struct descriptor_room {
  std::string note;  // what was lowered and why; empty: all fits
};

/// Lowers limits.connections, limits.api_connections and limits.kept_upstreams of `values` to what fits into `limit`
/// descriptors. Pure.
descriptor_room fit_connections(config& values, std::uint64_t limit);

/// The same with the limit of this process, which is raised as far as it may be.
descriptor_room make_room_for(config& values);

}  // namespace app
