#include "app/config/rule_nodes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "app/config/config_value.hpp"
#include "app/rewrite/json_document.hpp"
#include "net/text/ascii.hpp"

namespace app {
namespace {

std::string shown(const toml::node& node) {
  if (const auto* text = node.as_string()) return toml_text(text->get());
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  if (node.is_array()) return "a list";
  if (node.is_table()) return "a table";
  return node.is_floating_point() ? "a fraction" : "a date or time";
}

std::string spelled(double number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), end};
}

/// False: a part of it cannot be written as JSON.
bool append_json(std::string& out, const toml::node& node);

bool append_array(std::string& out, const toml::array& array) {
  out += '[';
  for (const auto& element : array) {
    if (out.back() != '[') out += ',';
    if (!append_json(out, element)) return false;
  }
  out += ']';
  return true;
}

bool append_table(std::string& out, const toml::table& table) {
  out += '{';
  for (const auto& member : members_of(table, {})) {
    if (out.back() != '{') out += ',';
    out += rewrite::literal_of(member.key) + ':';
    if (!append_json(out, *member.value)) return false;
  }
  out += '}';
  return true;
}

constexpr std::size_t longest_name = 64;

bool is_name(std::string_view text) {
  return text.size() <= longest_name && std::ranges::all_of(text, [](char c) {
           return net::text::is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

bool append_json(std::string& out, const toml::node& node) {
  if (const auto* array = node.as_array()) return append_array(out, *array);
  if (const auto* table = node.as_table()) return append_table(out, *table);
  if (const auto* text = node.as_string()) {
    out += rewrite::literal_of(text->get());
  } else if (const auto* fraction = node.as_floating_point()) {
    if (!std::isfinite(fraction->get())) return false;
    out += spelled(fraction->get());
  } else if (node.is_integer() || node.is_boolean()) {
    out += shown(node);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string rule_faults::place(toml::source_position position) const {
  return file_ + ':' + std::to_string(position.line) + ':' + std::to_string(position.column);
}

void rule_faults::add(toml::source_position position, std::string_view key, std::string_view what) {
  found_.push_back({position, place(position).append(": ").append(key).append(": ").append(what)});
}

void rule_faults::expected(const rule_node& found, std::string_view wanted) {
  add(found.position, found.key, "expected " + std::string(wanted) + "; got " + shown(*found.value));
}

config_errors rule_faults::take() {
  std::ranges::stable_sort(found_, [](const fault& a, const fault& b) { return a.position < b.position; });
  config_errors errors;
  for (auto& one : found_) errors.lines.push_back(std::move(one.line));
  return errors;
}

std::vector<rule_node> members_of(const toml::table& table, std::string_view prefix) {
  std::vector<rule_node> members;
  for (const auto& [key, value] : table) {
    members.push_back({std::string(prefix).append(key.str()), key.source().begin, &value});
  }
  std::ranges::stable_sort(members, [](const rule_node& a, const rule_node& b) { return a.position < b.position; });
  return members;
}

std::optional<std::string> text_of(const rule_node& node, std::string_view wanted, rule_faults& faults) {
  if (const auto* text = node.value->as_string(); text != nullptr && !text->get().empty()) return text->get();
  faults.expected(node, wanted);
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const rule_node& node, std::int64_t least, std::int64_t most,
                                       rule_faults& faults) {
  const auto* number = node.value->as_integer();
  if (number != nullptr && number->get() >= least && number->get() <= most) return number->get();
  faults.expected(node, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

bool boolean_of(const rule_node& node, rule_faults& faults) {
  if (const auto* boolean = node.value->as_boolean()) return boolean->get();
  faults.expected(node, "true or false");
  return false;
}

std::vector<std::string> texts_of(const rule_node& node, std::string_view wanted, rule_faults& faults) {
  std::vector<std::string> texts;
  const auto take = [&](const toml::node& one) {
    const auto* text = one.as_string();
    if (text == nullptr || text->get().empty()) return false;
    texts.push_back(text->get());
    return true;
  };
  const auto* list = node.value->as_array();
  const bool good =
      list == nullptr ? take(*node.value) : !list->empty() && std::all_of(list->begin(), list->end(), take);
  if (good) return texts;
  faults.expected(node, std::string(wanted) + " or a list of them");
  return {};
}

std::optional<std::string> name_of(const rule_node& node, rule_faults& faults) {
  constexpr std::string_view wanted = "up to 64 letters, digits, \"-\", \"_\" and \".\"";
  auto name = text_of(node, wanted, faults);
  if (!name || is_name(*name)) return name;
  faults.expected(node, wanted);
  return std::nullopt;
}

std::optional<std::string> json_of(const rule_node& node, rule_faults& faults) {
  std::string json;
  if (append_json(json, *node.value)) return json;
  faults.expected(node, "a value that JSON has, too");
  return std::nullopt;
}

}  // namespace app
