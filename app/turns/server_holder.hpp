#pragma once

// Asks the kernel who holds the port of a language server on this machine (cascade/process/port_holder.hpp): it must be
// the server's user and, if /proc shows it, the server's process or a descendant.

#include "cascade/rpc/channel.hpp"

namespace app {

/// A server of this machine has a loopback address. Blocks for some milliseconds.
cascade::port_holder find_server_holder(const cascade::server_address& address);

}  // namespace app
