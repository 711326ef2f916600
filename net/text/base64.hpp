#pragma once

// Base64 (RFC 4648 §4).

#include <optional>
#include <string>
#include <string_view>

namespace net::text {

/// Of one digit (0 to 63), or -1.
int base64_value(char digit) noexcept;

/// With padding.
std::string base64_encoded(std::string_view bytes);

/// Padding may be missing. nullopt if any other character is in it, line ends included.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace net::text
