#include "app/config/config_load.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "app/config/config_file.hpp"
#include "app/config/config_keys.hpp"
#include "app/config/known_providers.hpp"
#include "app/config/provider_reader.hpp"
#include "app/config/rule_reader.hpp"
#include "app/config/watched_hosts.hpp"
#include "app/rewrite/rule_set.hpp"
#include "net/text/ascii.hpp"

namespace app {
namespace {

constexpr std::string_view variable_prefix = "ZEROGRAVITY_";
constexpr std::string_view file_variable = "ZEROGRAVITY_CONFIG";

/// An empty variable counts as absent, as the XDG Base Directory Specification requires.
std::string value_of(const environment& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

/// XDG base directories must be absolute. Relative ones are ignored, as the specification requires.
std::filesystem::path xdg_directory(const environment& variables, std::string_view name, std::string_view below_home) {
  std::filesystem::path directory = value_of(variables, name);
  if (directory.is_absolute()) return directory;
  const std::filesystem::path home = value_of(variables, "HOME");
  return home.is_absolute() ? home / below_home : std::filesystem::path{};
}

/// Empty: there is no file, which is no error.
std::filesystem::path choose_file(const config_request& request) {
  if (request.file) return *request.file;
  if (auto named = value_of(request.variables, file_variable); !named.empty()) return named;
  for (const auto& candidate : default_config_files(request.variables)) {
    std::error_code ignored;
    if (std::filesystem::exists(candidate, ignored)) return candidate;
  }
  return {};
}

config_result<std::string> read_chosen_file(const std::filesystem::path& file) {
  if (file.empty()) return std::string();
  return read_config_text(file);
}

std::string refusal_line(const setting& found, const config_key& key, const refused& reason) {
  return found.origin + ": " + found.key + ": expected " + key.expected() + "; " + reason.why;
}

void resolve_paths(config& values) {
  if (values.mitm.bundle_file.empty()) values.mitm.bundle_file = values.state_dir / "combined-ca.pem";
  if (values.ledger.file.empty()) values.ledger.file = values.state_dir / "usage.db";
}

void check_whole(const loaded_config& loaded, config_errors& errors) {
  if (loaded.values.state_dir.empty()) {
    errors.lines.emplace_back("state_dir: set it, because neither HOME nor XDG_STATE_HOME is set");
  }
  check_watched(loaded, errors);
}

template <class T>
void collect(const config_result<T>& part, config_errors& errors) {
  const auto lines = part.error().lines;  // error() returns a copy, which is empty if there is no error
  errors.lines.insert(errors.lines.end(), lines.begin(), lines.end());
}

/// Call it after the settings were applied, because they limit the rules.
config_result<void> take_rules(loaded_config& loaded, std::string_view text) {
  const auto& limits = loaded.values.rewrite;
  auto rules = read_rules(text, loaded.file.native(), {limits.rules, limits.mock_size, uid_of_user});
  if (rules.has_error()) return rules.error();
  loaded.values.rules = std::make_shared<const rewrite::rule_set>(std::move(*rules), limits.dry_run);
  return {};
}

/// Call it after the settings were applied, because they limit the providers.
config_result<void> take_providers(loaded_config& loaded, std::string_view text) {
  auto own = read_providers(text, loaded.file.native(), loaded.values.mitm.provider, known_providers());
  if (own.has_error()) return own.error();
  loaded.values.mitm.own_providers = std::move(*own);
  return {};
}

/// A place that sets mitm.hosts and not mitm.providers chooses by hosts: whatever sets were chosen before it are not
/// watched. Beside hosts in the file, its own providers are. `places` begin with the file, and each overrides the one
/// before.
void choose_watched(loaded_config& loaded, std::initializer_list<const std::vector<setting>*> places) {
  const setting* hosts = nullptr;
  bool in_file = true;
  for (const auto* settings : places) {
    const auto found_in = [&](std::string_view key) { return std::ranges::find(*settings, key, &setting::key); };
    if (found_in("mitm.providers") != settings->end()) {
      hosts = nullptr;
    } else if (const auto found = found_in("mitm.hosts"); found != settings->end()) {
      hosts = &*found;
      in_file = settings == *places.begin();
    }
  }
  auto& values = loaded.values.mitm;
  if (hosts == nullptr || values.hosts.empty()) return;
  loaded.origins["mitm.providers"] = hosts->origin;
  if (in_file) return values.providers.clear();
  watch_only(loaded.values, values.hosts);
}

}  // namespace

environment process_environment() {
  environment variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (equals != nullptr) variables.emplace(std::string(static_cast<const char*>(*entry), equals), equals + 1);
  }
  return variables;
}

std::filesystem::path default_state_dir(const environment& variables, bool root) {
  if (root) return "/var/lib/zerogravity";
  const auto base = xdg_directory(variables, "XDG_STATE_HOME", ".local/state");
  return base.empty() ? base : base / "zerogravity";
}

std::vector<std::filesystem::path> default_config_files(const environment& variables) {
  std::vector<std::filesystem::path> files;
  const auto base = xdg_directory(variables, "XDG_CONFIG_HOME", ".config");
  if (!base.empty()) files.push_back(base / "zerogravity" / "config.toml");
  files.emplace_back("/etc/zerogravity/config.toml");
  return files;
}

std::string unknown_key_line(std::string_view origin, std::string_view key) {
  std::string line(origin);
  line.append(": unknown key ").append(key);
  if (const auto* nearest = nearest_key(key)) line.append("; did you mean ").append(nearest->name).append("?");
  return line;
}

config_result<std::vector<setting>> read_environment(const environment& variables) {
  std::vector<setting> settings;
  config_errors errors;
  const auto keys = config_keys();
  for (auto entry = variables.lower_bound(variable_prefix);
       entry != variables.end() && entry->first.starts_with(variable_prefix); ++entry) {
    const auto& [name, text] = *entry;
    if (name == file_variable) continue;
    const auto known = std::ranges::find(keys, name, &config_key::variable);
    if (known != keys.end()) {
      settings.push_back({std::string(known->name), setting_value::untyped(text), name});
      continue;
    }
    std::string line = name + ": unknown variable";
    std::string guess = net::text::lowered(name.substr(variable_prefix.size()));
    if (const auto first = guess.find('_'); first != std::string::npos) guess[first] = '.';
    if (const auto* nearest = nearest_key(guess)) line += "; did you mean " + nearest->variable() + "?";
    errors.lines.push_back(std::move(line));
  }
  if (!errors.lines.empty()) return errors;
  return settings;
}

config_result<void> apply_settings(loaded_config& loaded, const std::vector<setting>& settings) {
  config_errors errors;
  for (const auto& found : settings) {
    // A section may be empty, for example because all of its keys are commented out.
    if (found.value.kind == setting_value::kind_of::section && is_section(found.key)) continue;
    const auto* key = find_key(found.key);
    if (key == nullptr) {
      errors.lines.push_back(unknown_key_line(found.origin, found.key));
    } else if (const auto reason = key->read(loaded.values, found.value)) {
      errors.lines.push_back(refusal_line(found, *key, *reason));
    } else {
      loaded.origins[std::string(key->name)] = found.origin;
    }
  }
  if (!errors.lines.empty()) return errors;
  return {};
}

config_result<loaded_config> load_config(const config_request& request) {
  loaded_config loaded;
  config_errors errors;
  loaded.values.state_dir = default_state_dir(request.variables, request.root);
  loaded.file = choose_file(request);
  const auto text = read_chosen_file(loaded.file);
  const auto from_file = text ? parse_config_text(*text, loaded.file.native()) : text.error();
  const auto from_environment = read_environment(request.variables);
  collect(from_file, errors);
  collect(from_environment, errors);
  if (from_file.has_value()) collect(apply_settings(loaded, *from_file), errors);
  if (from_environment.has_value()) collect(apply_settings(loaded, *from_environment), errors);
  collect(apply_settings(loaded, request.flags), errors);
  if (from_file.has_value()) collect(take_providers(loaded, *text), errors);
  if (from_file.has_value()) collect(take_rules(loaded, *text), errors);
  if (errors.lines.empty()) {
    choose_watched(loaded, {&*from_file, &*from_environment, &request.flags});
    check_whole(loaded, errors);
  }
  if (!errors.lines.empty()) return errors;
  resolve_paths(loaded.values);
  return loaded;
}

}  // namespace app
