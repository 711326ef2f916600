#include "app/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace app {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

/// Bytes of the UTF-8 sequence at the front, 0 if it is none (overlong, surrogate, cut off …).
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = at(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool outside = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return overlong || outside ? 0 : length;
}

void append_escaped_byte(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (byte < 0x20 || byte == 0x7f) {
    out.append("\\u00").append({hex[byte >> 4], hex[byte & 15]});
  } else {
    out += c;
  }
}

/// C1 controls (U+0080–U+009F) drive terminals too.
bool is_c1_control(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0 || is_c1_control(text.substr(0, length))) {
      out += replacement;
    } else if (length == 1) {
      append_escaped_byte(out, text.front());
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

bool is_plain_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '"'; });
}

void append_value(std::string& out, const log_field& field, bool json) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    out += std::to_string(*number);
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    out += *flag ? "true" : "false";
  } else {
    const auto text = std::get<std::string_view>(field.value);
    if (json || !is_plain_word(text)) {
      append_quoted(out, text);
    } else {
      out += text;
    }
  }
}

std::string utc(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(ms % 1000));
  return std::string(text.data(), length) + fraction.data();
}

}  // namespace

std::string json_line(const log_entry& entry) {
  std::string out = "{\"ts\":\"" + utc(entry.time) + "\",\"level\":\"";
  out.append(to_string(entry.level)).append("\",\"msg\":");
  append_quoted(out, entry.message);
  for (const auto& field : entry.fields) {
    out += ',';
    append_quoted(out, field.name);
    out += ':';
    append_value(out, field, true);
  }
  return out += '}';
}

std::string text_line(const log_entry& entry) {
  std::string out;
  append_escaped(out, entry.message);
  for (const auto& field : entry.fields) {
    out.append(" ").append(field.name).append("=");
    append_value(out, field, false);
  }
  return out;
}

}  // namespace app
