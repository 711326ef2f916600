#include "app/openai/data_url.hpp"

#include <cstdint>

#include "net/text/ascii.hpp"

namespace app::openai {
namespace {

int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const int value = digit(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

std::optional<data_url> decode_data_url(std::string_view url, std::size_t limit) {
  constexpr std::string_view scheme = "data:";
  const std::size_t comma = url.find(',');
  if (!net::text::iequals(url.substr(0, scheme.size()), scheme) || comma == url.npos) return std::nullopt;
  const std::string type = net::text::lowered(url.substr(scheme.size(), comma - scheme.size()));
  const std::string_view base64 = url.substr(comma + 1);
  if (!type.ends_with(";base64") || base64.size() / 4 * 3 > limit + 2) return std::nullopt;
  auto bytes = decode_base64(base64);
  if (!bytes || bytes->size() > limit) return std::nullopt;
  return data_url{type.substr(0, type.find(';')), std::move(*bytes)};
}

}  // namespace app::openai
