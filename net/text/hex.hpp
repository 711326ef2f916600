#pragma once

#include <span>
#include <string>
#include <string_view>

#include "net/text/ascii.hpp"

namespace net::text {

inline constexpr std::string_view hex_digits = "0123456789abcdef";
inline constexpr std::string_view upper_hex_digits = "0123456789ABCDEF";

/// The value of a hexadecimal digit in either case, or -1.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Appends the two digits of `byte`.
inline void append_hex(std::string& out, char byte, std::string_view digits = hex_digits) {
  const auto value = static_cast<unsigned char>(byte);
  out += digits[value >> 4];
  out += digits[value & 15];
}

/// Two lower-case digits a byte.
inline std::string to_hex(std::span<const unsigned char> bytes) {
  std::string out;
  for (const auto byte : bytes) append_hex(out, static_cast<char>(byte));
  return out;
}

}  // namespace net::text
