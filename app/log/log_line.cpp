#include "app/log/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "app/base/terminal_text.hpp"

namespace app {
namespace {

/// A quotation mark or a backslash would end the text; the usual controls have short names.
std::string_view short_escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return {};
  }
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto escape = short_escape(text.front());
    out += escape;
    text.remove_prefix(escape.empty() ? append_visible(out, text) : 1);
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
