#pragma once

// Names nobody can guess, and a port nobody uses, for a server about to be launched.

#include <cstdint>
#include <string>

namespace cascade {

/// A version 4 UUID (RFC 9562 §5.4) from the kernel's random numbers.
std::string random_uuid();

/// 16 hexadecimal digits.
std::string random_name();

/// A port of 127.0.0.1 that was free just now; 0 if there is none. Somebody may take it before the server does: that is
/// a failed start, and the next attempt has another port.
std::uint16_t free_port();

}  // namespace cascade
