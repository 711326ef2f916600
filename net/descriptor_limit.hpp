#pragma once

// RLIMIT_NOFILE. The usual soft limit of 1024 protects programs that use select(), whose sets end there. We do not use
// it, but programs that we start may, so they get the original limit back.

#include <cstdint>

#include <sys/resource.h>

namespace net {

/// Raises the soft limit of this process to the hard one. Returns how many descriptors it may have then.
std::uint64_t raise_descriptor_limit();

/// The soft limit before the first raise_descriptor_limit(), or the current one if there was no such call.
rlimit inherited_descriptor_limit();

}  // namespace net
