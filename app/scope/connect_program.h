#pragma once

// What connect_program.bpf.c and its loader agree on. C, since the program is.

#include <linux/types.h>

/// SO_PRIORITY of a connection that passes (mitm/upstream/redirect_pass.hpp).
#define ZG_PASS_PRIORITY 5

/// Where a client was going, in network order.
struct zg_destination {
  __u32 address[4]; /* IPv4: only the first */
  __u16 port;
  __u16 family;
};

/// Set before the program is loaded.
struct zg_settings {
  __u64 network;       /* cookie of the network namespace that the interceptor listens in */
  __u16 port_v4;       /* where it listens on loopback, in network order */
  __u16 port_v6;
};
