#include "app/base/json_text.hpp"

#include <array>
#include <charconv>

namespace app::openai {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

/// Bytes of the UTF-8 character (RFC 3629) that `text` begins with; 0 if it begins with none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate_or_beyond = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return overlong || surrogate_or_beyond ? 0 : size;
}

bool plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void append_ascii(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
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
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
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
    const std::size_t size = character_size(text);
    if (size == 0) {
      out += replacement;
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

std::size_t whole_characters(std::string_view text) {
  std::size_t size = text.size();
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xc0) == 0x80) continue;
    const std::size_t needed = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (needed > back) size -= back;
    break;
  }
  return size;
}

std::string shortened(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const std::string_view character = size == 0 ? replacement : text.substr(0, size);
    if (out.size() + character.size() > limit) break;
    out += character;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

}  // namespace app::openai
