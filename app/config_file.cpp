#include "app/config_file.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include <toml++/toml.h>

namespace app {
namespace {

constexpr std::uintmax_t max_file_size = 1 << 20;

std::string place(const std::string& name, const toml::source_position& at) {
  return name + ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
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
  if (node.is_boolean()) return {kind::other, {"a boolean"}};
  if (node.is_floating_point()) return {kind::other, {"a fraction"}};
  return {kind::other, {"a date or time"}};
}

void flatten(const toml::table& table, const std::string& prefix, const std::string& name, std::vector<setting>& into) {
  for (const auto& [key, node] : table) {
    const std::string full = prefix + std::string(key.str());
    const auto* inner = node.as_table();
    // Settings of a table carry its name; an empty one has none, and must not hide a misspelt name.
    if (inner != nullptr && !inner->empty()) {
      flatten(*inner, full + '.', name, into);
    } else {
      const auto kind = inner != nullptr ? setting_value{setting_value::kind_of::other, {"a table"}} : value_of(node);
      into.push_back({full, kind, place(name, key.source().begin)});
    }
  }
}

}  // namespace

config_result<std::vector<setting>> parse_config_text(std::string_view text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text, name);
    std::vector<setting> settings;
    flatten(table, {}, name, settings);
    return settings;
  } catch (const toml::parse_error& error) {
    return config_errors{{place(name, error.source().begin) + ": " + std::string(error.description())}};
  }
}

config_result<std::vector<setting>> read_config_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) return config_errors{{file.native() + ": " + error.message()}};
  if (size > max_file_size) return config_errors{{file.native() + ": larger than 1 MiB, not a configuration"}};
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return config_errors{{file.native() + ": " + std::generic_category().message(errno)}};
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return config_errors{{file.native() + ": cannot be read"}};
  return parse_config_text(text, file.native());
}

}  // namespace app
