#include "app/base/terminal_text.hpp"

#include <algorithm>
#include <cstdint>

#include "net/text/hex.hpp"
#include "net/text/utf8.hpp"

namespace app {
namespace {

namespace utf8 = net::utf8;

void append_unit(std::string& out, std::uint32_t unit) {
  out.append("\\u");
  for (const int shift : {12, 8, 4, 0}) out += net::text::hex_digits[unit >> shift & 15];
}

/// Escapes as JSON does, so that a JSON text keeps its value.
void append_escape(std::string& out, std::uint32_t point) {
  if (point < 0x10000) return append_unit(out, point);
  append_unit(out, 0xd800 + ((point - 0x10000) >> 10));
  append_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
}

}  // namespace

std::size_t append_visible(std::string& out, std::string_view text) {
  const std::size_t size = utf8::character_size(text);
  if (size == 0) {
    out += utf8::replacement;
    return 1;
  }
  const auto character = text.substr(0, size);
  const auto point = utf8::code_point(character);
  if (utf8::is_control(point)) {
    append_escape(out, point);
  } else {
    out += character;
  }
  return size;
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    std::string next;
    const auto taken = append_visible(next, text);
    if (out.size() + next.size() > most) return out + "…";
    out += next;
    text.remove_prefix(taken);
  }
  return out;
}

std::string flowing_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("\r\n")) text.remove_prefix(1);
    if (text.front() == '\n' || text.front() == '\t') {
      out += text.front();
      text.remove_prefix(1);
    } else {
      text.remove_prefix(append_visible(out, text));
    }
  }
  return out;
}

}  // namespace app
