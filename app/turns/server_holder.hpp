#pragma once

// Asks the kernel who holds the port of a language server on this machine (cascade/process/port_holder.hpp): only the
// user that it runs as, and where /proc lets us see it only its own process or one below it.

#include "cascade/rpc/channel.hpp"

namespace app {

/// A server of this machine has a loopback address. Blocks for some milliseconds.
cascade::port_holder find_server_holder(const cascade::server_address& address);

}  // namespace app
