#pragma once

// TCP sockets for the benches' own programs: IPv4, non-blocking, with TCP_NODELAY. Failures throw std::runtime_error.

#include <cstdint>

#include <netinet/in.h>

namespace bench {

/// Raises the limit of open files as far as permitted, also for children.
void raise_file_limit();

/// A listening socket. Port 0 picks a free port.
int listen_at(sockaddr_in address);
/// A socket that is connecting. `mark` selects the redirect; 0: none.
int connect_to(sockaddr_in address, int mark);
/// The next connection, or -1.
int accept_from(int listener);
sockaddr_in loopback(std::uint8_t last_byte, std::uint16_t port);
std::uint16_t port_of(int descriptor);
/// The original destination of a redirected connection.
sockaddr_in destination_of(int descriptor);

}  // namespace bench
