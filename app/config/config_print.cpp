#include "app/config/config_print.hpp"

#include "app/config/config_keys.hpp"

namespace app {
namespace {

std::string_view section_of(std::string_view name) {
  const auto dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
}

std::string shown_value(const config_key& key, const config& values) {
  auto text = key.write(values);
  // This is too short to be accepted as a key, so the printed file cannot be used by mistake.
  return key.form.secret && text != toml_text({}) ? toml_text("<redacted>") : text;
}

}  // namespace

std::string to_toml(const loaded_config& loaded) {
  std::string out = loaded.file.empty() ? "# no configuration file\n" : "# file: " + loaded.file.native() + '\n';
  std::string_view section;
  for (const auto& key : config_keys()) {
    if (const auto next = section_of(key.name); next != section) {
      section = next;
      out.append("\n[").append(section).append("]\n");
    }
    const auto name = section.empty() ? key.name : key.name.substr(section.size() + 1);
    out.append(name).append(" = ").append(shown_value(key, loaded.values));
    const auto origin = loaded.origins.find(key.name);
    if (origin != loaded.origins.end()) out.append("  # from ").append(origin->second);
    out += '\n';
  }
  return out;
}

std::string config_reference() {
  const config defaults;
  std::string out = "| key | default | expected | variable | meaning |\n|---|---|---|---|---|\n";
  for (const auto& key : config_keys()) {
    out.append("| `").append(key.name).append("` | `").append(key.write(defaults)).append("` | ");
    out.append(key.expected()).append(" | `").append(key.variable()).append("` | ").append(key.meaning).append(" |\n");
  }
  return out;
}

}  // namespace app
