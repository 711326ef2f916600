#include "app/config/provider_reader.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "app/config/rule_nodes.hpp"

namespace app {
namespace {

using net::text::host_pattern;

constexpr std::string_view section = "mitm.provider";

/// What a path's calls may be.
constexpr std::string_view call_words = "\"openai_chat\", \"openai_responses\", \"openai\", \"anthropic\", \"google\"";

bool is_path(std::string_view text) {
  return text.starts_with('/') && text.find_first_of("?# ") == text.npos && std::ranges::count(text, '*') <= 1;
}

class providers_reader {
 public:
  providers_reader(const provider_limits& limits, std::span<const provider_set> others, rule_faults& faults)
      : limits_(limits), faults_(faults) {
    for (const auto& one : others) names_.insert(one.name);
  }

  std::vector<provider_set> read(const toml::table& file) {
    const auto* mitm = file.get_as<toml::table>("mitm");
    const auto* all = mitm == nullptr ? nullptr : mitm->get("provider");
    std::vector<provider_set> sets;
    if (all == nullptr) return sets;
    const auto* tables = all->as_array();
    const rule_node node{std::string(section), all->source().begin, all};
    if (tables == nullptr || !std::ranges::all_of(*tables, [](const auto& one) { return one.is_table(); })) {
      faults_.expected(node, "tables, each begun with [[mitm.provider]]");
      return sets;
    }
    if (too_many(node, tables->size(), limits_.providers, "limits.own_providers")) return sets;
    for (const auto& one : *tables) sets.push_back(read_set(*one.as_table()));
    return sets;
  }

 private:
  bool too_many(const rule_node& node, std::size_t count, std::size_t most, std::string_view key) {
    if (count <= most) return false;
    faults_.add(
        node.position, node.key,
        "expected at most " + std::to_string(most) + " (" + std::string(key) + "); got " + std::to_string(count));
    return true;
  }

  provider_set read_set(const toml::table& table) {
    provider_set made;
    const auto position = table.source().begin;
    made.origin = faults_.place(position);
    bool known_only = false;
    for (const auto& node : members_of(table, std::string(section) + '.')) {
      const auto key = std::string_view(node.key).substr(section.size() + 1);
      if (key == "name") {
        read_name(node, made);
      } else if (key == "hosts") {
        read_hosts(node, made);
      } else if (key == "dialect") {
        read_dialect(node, made);
      } else if (key == "paths") {
        read_paths(node, made);
      } else if (key == "default") {
        if (!boolean_of(node, faults_)) made.watch = set_watch::if_named;
      } else if (key == "known_only") {
        known_only = boolean_of(node, faults_);
      } else {
        faults_.add(node.position, node.key,
                    "unknown; a provider has name, hosts, dialect, paths, default and known_only");
      }
    }
    if (known_only) made.watch = set_watch::never;
    const auto need = [&](const char* key, std::string_view why) {
      if (table.get(key) == nullptr) faults_.add(position, std::string(section) + '.' + key, why);
    };
    need("name", "missing; every provider has a name");
    need("hosts", "missing; expected a list of hosts");
    if (!known_only) need("dialect", "missing; expected one of " + dialect_words());
    return made;
  }

  void read_name(const rule_node& node, provider_set& made) {
    auto name = name_of(node, faults_);
    if (!name) return;
    if (!names_.insert(*name).second) {
      faults_.add(node.position, node.key, "another provider is called " + *name + ", too");
    }
    made.name = *std::move(name);
  }

  void read_hosts(const rule_node& node, provider_set& made) {
    const auto texts = texts_of(node, "a host pattern such as \"api.openai.com\" or \"*.corp.example\"", faults_);
    if (too_many(node, texts.size(), limits_.hosts, "limits.provider_hosts")) return;
    for (const auto& text : texts) {
      auto pattern = host_pattern::parse(text);
      if (pattern.has_error()) {
        faults_.add(node.position, node.key, pattern.error().message);
      } else {
        made.hosts.push_back(*std::move(pattern));
      }
    }
  }

  void read_dialect(const rule_node& node, provider_set& made) {
    const auto wanted = "one of " + dialect_words();
    const auto word = text_of(node, wanted, faults_);
    if (!word) return;
    if (!is_dialect(*word)) return faults_.expected(node, wanted);
    made.dialect = *word;
  }

  void read_paths(const rule_node& node, provider_set& made) {
    constexpr std::string_view wanted = "a list such as [{ path = \"/api/chat\", call = \"openai_chat\" }]";
    const auto* list = node.value->as_array();
    if (list == nullptr || !std::ranges::all_of(*list, [](const auto& one) { return one.is_table(); })) {
      return faults_.expected(node, wanted);
    }
    if (too_many(node, list->size(), limits_.hosts, "limits.provider_hosts")) return;
    for (const auto& one : *list) read_path(node, *one.as_table(), made);
  }

  void read_path(const rule_node& node, const toml::table& table, provider_set& made) {
    usage::path_call call;
    for (const auto& member : members_of(table, node.key + '.')) {
      const auto key = std::string_view(member.key).substr(node.key.size() + 1);
      if (key == "path") {
        constexpr std::string_view wanted = "a path without a query, such as \"/api/chat\", with at most one \"*\"";
        const auto text = text_of(member, wanted, faults_);
        if (text && !is_path(*text)) faults_.expected(member, wanted);
        call.path = text.value_or("");
      } else if (key == "call") {
        const auto text = text_of(member, call_words, faults_);
        const auto known = text ? usage::provider_from(*text) : std::nullopt;
        if (text && known.value_or(usage::provider::unknown) == usage::provider::unknown) {
          faults_.expected(member, "one of " + std::string(call_words));
        }
        call.call = known.value_or(usage::provider::unknown);
      } else {
        faults_.add(member.position, member.key, "unknown; expected path and call");
      }
    }
    for (const char* key : {"path", "call"}) {
      if (table.get(key) == nullptr) faults_.add(table.source().begin, node.key + '.' + key, "missing");
    }
    made.paths.push_back(std::move(call));
  }

  const provider_limits& limits_;
  rule_faults& faults_;
  std::set<std::string> names_;
};

}  // namespace

config_result<std::vector<provider_set>> read_providers(std::string_view text, const std::string& name,
                                                        const provider_limits& limits,
                                                        std::span<const provider_set> others) {
  rule_faults faults(name);
  try {
    const auto file = toml::parse(text, name);
    auto sets = providers_reader(limits, others, faults).read(file);
    if (faults.empty()) return sets;
  } catch (const toml::parse_error& error) {
    faults.add(error.source().begin, section, error.description());
  }
  return faults.take();
}

}  // namespace app
