#include "net/text/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

#include "net/text/ascii.hpp"

namespace net::text {
namespace {

/// The digits of a decimal number without its point, and how many of them lie behind it (RFC 8259 §6).
struct decimal {
  std::string digits;
  long behind = 0;
};

std::optional<decimal> parts_of(std::string_view text) {
  decimal parts;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    parts.digits += text[at];
    if (point) ++parts.behind;
  }
  if (parts.digits.empty()) return std::nullopt;
  if (at == text.size()) return parts;
  if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
  text.remove_prefix(at + 1);
  if (text.starts_with('+')) text.remove_prefix(1);
  long exponent = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  constexpr long believable = 400;
  if (error != std::errc{} || stop != text.data() + text.size() || std::abs(exponent) > believable) return std::nullopt;
  parts.behind -= exponent;
  return parts;
}

}  // namespace

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && stop == text.data() + text.size())
    return value >= 0 && value <= max_count ? std::optional(value) : std::nullopt;
  const auto parts = parts_of(text);
  if (!parts) return std::nullopt;
  const auto fraction =
      static_cast<std::size_t>(std::clamp(parts->behind, 0l, static_cast<long>(parts->digits.size())));
  if (parts->digits.find_first_not_of('0', parts->digits.size() - fraction) != std::string::npos) return std::nullopt;
  return parse_decimal(text, 0);
}

std::optional<std::int64_t> parse_decimal(std::string_view text, int places) {
  auto parts = parts_of(text);
  if (!parts) return std::nullopt;
  std::string& digits = parts->digits;
  long zeros = places - parts->behind;
  bool up = false;
  if (zeros < 0) {
    const auto cut = static_cast<std::size_t>(-zeros);
    if (cut > digits.size()) return 0;
    up = digits[digits.size() - cut] >= '5';
    digits.resize(digits.size() - cut);
    zeros = 0;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  constexpr std::size_t longest = 19;  // digits of a 64-bit number
  if (!digits.empty()) {
    if (digits.size() + static_cast<std::size_t>(zeros) > longest) return std::nullopt;
    digits.append(static_cast<std::size_t>(zeros), '0');
  }
  std::int64_t value = 0;
  if (!digits.empty()) {
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || value > max_count) return std::nullopt;
  }
  return value + (up ? 1 : 0);
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
  if (text.ends_with('s')) text.remove_suffix(1);
  constexpr std::int64_t longest = 366ll * 24 * 3600 * 1000;
  const auto value = parse_decimal(text, 3);
  return value && *value <= longest ? value : std::nullopt;
}

}  // namespace net::text
