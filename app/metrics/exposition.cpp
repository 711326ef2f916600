#include "app/metrics/exposition.hpp"

#include <array>
#include <charconv>

namespace app {
namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string metric_number(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

void exposition::family(std::string_view name, type_of type, std::string_view help) {
  constexpr std::array<std::string_view, 3> types{"counter", "gauge", "histogram"};
  name_ = name;
  text_.append("# HELP ").append(name).append(" ");
  append_escaped(text_, help, false);
  text_.append("\n# TYPE ").append(name).append(" ").append(types[static_cast<std::size_t>(type)]).append("\n");
}

void exposition::sample(metric_labels labels, double value, std::string_view suffix) {
  begin(labels, nullptr, suffix);
  text_.append(metric_number(value)).append("\n");
}

void exposition::sample(metric_labels labels, std::uint64_t value, std::string_view suffix) {
  begin(labels, nullptr, suffix);
  text_.append(std::to_string(value)).append("\n");
}

void exposition::sample(metric_labels labels, metric_label last, std::uint64_t value, std::string_view suffix) {
  begin(labels, &last, suffix);
  text_.append(std::to_string(value)).append("\n");
}

void exposition::begin(metric_labels labels, const metric_label* last, std::string_view suffix) {
  text_.append(name_).append(suffix);
  if (labels.size() != 0 || last != nullptr) {
    text_ += '{';
    bool first = true;
    for (const auto& one : labels) label(one, std::exchange(first, false));
    if (last != nullptr) label(*last, first);
    text_ += '}';
  }
  text_ += ' ';
}

void exposition::label(const metric_label& one, bool first) {
  text_.append(first ? "" : ",").append(one.first).append("=\"");
  append_escaped(text_, one.second, true);
  text_ += '"';
}

}  // namespace app
