#pragma once

// How many connections the limit of open files allows. The service decides this at its start. Connections beyond it
// wait in the kernel's backlog, which is better than connections that fail with "Too many open files".

#include <cstdint>
#include <string>

namespace app {

struct config;

struct descriptor_room {
  std::string note;  // what was lowered and why; empty: everything fits
};

/// Lowers limits.connections, limits.api_connections and limits.kept_upstreams of `values` to what fits into `limit`
/// descriptors. Pure.
descriptor_room fit_connections(config& values, std::uint64_t limit);

/// The same with the limit of this process, which is first raised as far as permitted.
descriptor_room make_room_for(config& values);

}  // namespace app
