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

/// As it is written in a file.
void print_provider(const provider_set& set, std::string& out) {
  std::vector<std::string> hosts;
  for (const auto& host : set.hosts) hosts.push_back(host.text());
  out.append("\n[[mitm.provider]]  # from ").append(set.origin);
  out.append("\nname = ").append(toml_text(set.name)).append("\nhosts = ").append(toml_list(hosts)) += '\n';
  if (!set.dialect.empty()) out.append("dialect = ").append(toml_text(set.dialect)) += '\n';
  if (set.watch == set_watch::if_named) out += "default = false\n";
  if (set.watch == set_watch::never) out += "known_only = true\n";
  if (set.paths.empty()) return;
  out += "paths = [\n";
  for (const auto& [path, call] : set.paths) {
    out.append("  { path = ").append(toml_text(path)).append(", call = ").append(toml_text(to_string(call)));
    out += " },\n";
  }
  out += "]\n";
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
  for (const auto& set : loaded.values.mitm.own_providers) print_provider(set, out);
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
