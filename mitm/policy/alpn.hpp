#pragma once

// Decides which protocol a connection uses (RFC 7301). The origin is offered what the client offers and we can follow;
// the client gets what the origin picks. No ALPN means HTTP/1.1.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mitm {

inline constexpr std::string_view h2 = "h2";
inline constexpr std::string_view http1 = "http/1.1";
inline constexpr std::string_view http1_0 = "http/1.0";

/// The part of the client's offer that the tap can follow, in the client's order.
std::vector<std::string> followable(std::span<const std::string> offered);

/// True if the client offered protocols but we can follow none of them. If the origin picks none either, they use
/// HTTP/1.1.
bool only_unknown(std::span<const std::string> offered);

/// The offer to the origin: the protocols we can follow, or all if there are none.
std::vector<std::string> to_offer(std::span<const std::string> offered);

/// The protocol towards a client whose origin cannot be asked: HTTP/1.1, unless the client offers only other versions.
std::string_view without_origin(std::span<const std::string> offered);

}  // namespace mitm
