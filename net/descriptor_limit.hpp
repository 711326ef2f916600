#pragma once

// RLIMIT_NOFILE. The usual soft limit of 1024 is for programs that use select(), whose sets end there; we do not, but
// the programs that we start may, so they get back what we were given.

#include <cstdint>

#include <sys/resource.h>

namespace net {

/// Raises the soft limit of this process to the hard one; how many descriptors it may have then.
std::uint64_t raise_descriptor_limit();

/// What the process had before the first raise_descriptor_limit(); what it has now where there was none.
rlimit inherited_descriptor_limit();

}  // namespace net
