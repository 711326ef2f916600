#pragma once

// TCP sockets as the benches' own programs use them: IPv4, non-blocking, without delay. What cannot be had throws
// std::runtime_error.

#include <cstdint>

#include <netinet/in.h>

namespace bench {

/// As many open files as this process may have; its children, too.
void raise_file_limit();

/// Non-blocking, listening; port 0 picks one.
int listen_at(sockaddr_in address);
/// Non-blocking, the connection under way. `mark` chooses the redirect; 0: none.
int connect_to(sockaddr_in address, int mark);
/// The next connection, non-blocking, or -1.
int accept_from(int listener);
sockaddr_in loopback(std::uint8_t last_byte, std::uint16_t port);
std::uint16_t port_of(int descriptor);
/// Where a redirected connection was going.
sockaddr_in destination_of(int descriptor);

}  // namespace bench
