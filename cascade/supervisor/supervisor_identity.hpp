#pragma once

// Unguessable names and a free port for a server that is about to be launched.

#include <cstdint>
#include <string>

namespace cascade {

/// A version 4 UUID (RFC 9562 §5.4) from the kernel's random numbers.
std::string random_uuid();

/// 16 hexadecimal digits.
std::string random_name();

/// A port of 127.0.0.1 that was free a moment ago; 0 if there is none. If somebody takes it before the server does, the
/// start fails and the next attempt uses another port.
std::uint16_t free_port();

}  // namespace cascade
