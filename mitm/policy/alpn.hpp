#pragma once

// The one place that decides which protocol a connection speaks (RFC 7301): what the client offers and we can follow is
// offered upstream, what upstream picks is what the client gets, and no ALPN means HTTP/1.1.

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

/// The client offered protocols and we can follow none of them. Where its origin picks none either, they speak
/// HTTP/1.1.
bool only_unknown(std::span<const std::string> offered);

/// What the origin is offered: the followable part, or all of it if there is none.
std::vector<std::string> to_offer(std::span<const std::string> offered);

/// What we speak with a client whose origin cannot be asked: HTTP/1.1, but for a client that offers only other
/// versions.
std::string_view without_origin(std::span<const std::string> offered);

}  // namespace mitm
