#include "app/base/json_text.hpp"

#include <array>
#include <charconv>

#include "net/text/hex.hpp"
#include "net/text/utf8.hpp"

namespace app {
namespace {

bool plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      net::text::append_hex(out, c);
  }
}

void append_wide(std::string& out, std::string_view character) {
  if (character == "\xc2\x85") {
    out += "\\u0085";
  } else if (character == "\xe2\x80\xa8") {
    out += "\\u2028";
  } else if (character == "\xe2\x80\xa9") {
    out += "\\u2029";
  } else {
    out += character;
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t run = 0;
    while (run < text.size() && plain(static_cast<unsigned char>(text[run]))) ++run;
    out.append(text, 0, run);
    text.remove_prefix(run);
    if (text.empty()) return;
    const std::size_t size = net::utf8::character_size(text);
    if (size == 0) {
      out += net::utf8::replacement;
    } else if (size == 1) {
      append_ascii(out, text[0]);
    } else {
      append_wide(out, text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

void append_json_or_null(std::string& out, const std::optional<std::string>& text) {
  if (text) {
    append_json(out, *text);
  } else {
    out += "null";
  }
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_pairs(std::string& out, const std::vector<std::pair<std::string, std::string>>& pairs) {
  out += '{';
  for (const auto& [key, value] : pairs) {
    if (&key != &pairs.front().first) out += ',';
    append_json(out, key);
    out += ':';
    append_json(out, value);
  }
  out += '}';
}

}  // namespace app
