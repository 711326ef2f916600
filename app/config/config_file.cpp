#include "app/config/config_file.hpp"

#include <algorithm>
#include <utility>

#include <toml++/toml.h>

#include "app/base/text_file.hpp"

namespace app {
namespace {

constexpr std::uintmax_t max_file_size = 1 << 20;

std::string place(const std::string& name, const toml::source_position& position) {
  return name + ':' + std::to_string(position.line) + ':' + std::to_string(position.column);
}

setting_value value_of(const toml::node& node) {
  using kind = setting_value::kind_of;
  if (const auto* text = node.as_string()) return {kind::text, {text->get()}};
  if (const auto* number = node.as_integer()) return {kind::integer, {std::to_string(number->get())}};
  if (const auto* array = node.as_array()) {
    setting_value list{kind::list, {}};
    for (const auto& item : *array) {
      if (!item.is_string()) return {kind::other, {"a list with something else than text in it"}};
      list.items.push_back(item.as_string()->get());
    }
    return list;
  }
  if (const auto* boolean = node.as_boolean()) return {kind::boolean, {boolean->get() ? "true" : "false"}};
  if (node.is_floating_point()) return {kind::other, {"a fraction"}};
  return {kind::other, {"a date or time"}};
}

struct located {
  toml::source_position position;
  std::string key;
  setting_value value;
};

void flatten(const toml::table& table, const std::string& prefix, std::vector<located>& into) {
  for (const auto& [key, node] : table) {
    const std::string full = prefix + std::string(key.str());
    if (full == "rules" || full == "mitm.provider") continue;
    const auto position = key.source().begin;
    const auto* inner = node.as_table();
    if (inner == nullptr) {
      into.push_back({position, full, value_of(node)});
    } else if (inner->empty()) {
      // Reported as a setting, because its name may be misspelt and no key in it shows that.
      into.push_back({position, full, {setting_value::kind_of::section, {"a table"}}});
    } else {
      flatten(*inner, full + '.', into);
    }
  }
}

/// In the order of the file, so that errors are listed in that order. toml++ sorts tables by name.
std::vector<setting> settings_of(const toml::table& table, const std::string& name) {
  std::vector<located> found;
  flatten(table, {}, found);
  std::ranges::sort(found, [](const located& a, const located& b) { return a.position < b.position; });
  std::vector<setting> settings;
  settings.reserve(found.size());
  for (auto& one : found) settings.push_back({std::move(one.key), std::move(one.value), place(name, one.position)});
  return settings;
}

}  // namespace

config_result<std::vector<setting>> parse_config_text(std::string_view text, const std::string& name) {
  try {
    return settings_of(toml::parse(text, name), name);
  } catch (const toml::parse_error& error) {
    return config_errors{{place(name, error.source().begin) + ": " + std::string(error.description())}};
  }
}

config_result<std::string> read_config_text(const std::filesystem::path& file) {
  auto text = read_text_file(file, max_file_size, "larger than 1 MiB, not a configuration");
  if (text.has_error()) return config_errors{{std::move(text.error().why)}};
  return std::move(*text);
}

}  // namespace app
