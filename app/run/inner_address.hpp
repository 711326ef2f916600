#pragma once

// The addresses of a private network in addition to loopback. Programs that check for a network find one. The addresses
// are from the documentation ranges (RFC 5737, RFC 3849). No real network uses those, so nothing becomes unreachable.

#include <netinet/in.h>

namespace app::run {

/// 192.0.2.1, in network order.
inline constexpr unsigned char inner_v4[4] = {192, 0, 2, 1};

/// 2001:db8::1.
inline constexpr unsigned char inner_v6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

}  // namespace app::run
