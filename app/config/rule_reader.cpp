#include "app/config/rule_reader.hpp"

#include <pwd.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "app/config/rule_action_reader.hpp"
#include "app/config/rule_nodes.hpp"
#include "app/rewrite/local_answer.hpp"
#include "net/text/ascii.hpp"

namespace app {
namespace {

using rewrite::rule;
using rewrite::rule_match;

class rules_reader {
 public:
  rules_reader(const rule_source& source, rule_faults& faults) : source_(source), faults_(faults) {}

  std::vector<rule> read(const toml::table& file) {
    std::vector<rule> rules;
    const auto* all = file.get("rules");
    if (all == nullptr) return rules;
    const auto* tables = all->as_array();
    if (tables == nullptr ||
        !std::all_of(tables->begin(), tables->end(), [](const auto& one) { return one.is_table(); })) {
      faults_.expected({"rules", all->source().begin, all}, "tables, each begun with [[rules]]");
      return rules;
    }
    if (tables->size() > source_.rules) {
      faults_.add(all->source().begin, "rules",
                  "expected at most " + std::to_string(source_.rules) + " (limits.rewrite_rules); got " +
                      std::to_string(tables->size()));
      return rules;
    }
    for (const auto& one : *tables) rules.push_back(read_rule(*one.as_table()));
    return rules;
  }

 private:
  rule read_rule(const toml::table& table) {
    rule made;
    const auto position = table.source().begin;
    made.origin = faults_.place(position);
    bool acts = false;
    for (const auto& node : members_of(table, "rules.")) {
      if (node.key == "rules.name") {
        read_name(node, made);
      } else if (node.key == "rules.dry_run") {
        made.dry_run = boolean_of(node, faults_);
      } else if (node.key == "rules.last") {
        made.last = boolean_of(node, faults_);
      } else if (node.key == "rules.match") {
        read_match(node, made.match);
      } else if (node.key == "rules.act") {
        acts = true;
        made.actions = read_actions(node, source_.mock_size, faults_);
      } else {
        faults_.add(node.position, node.key, "unknown; a rule has name, match, act, dry_run and last");
      }
    }
    if (table.get("name") == nullptr) faults_.add(position, "rules.name", "missing; every rule has a name");
    if (rewrite::refusal_of(made) != nullptr && !(made.match.models.empty() && made.match.request_kinds.empty())) {
      faults_.add(position, "rules.match",
                  "the request for a WebSocket names no model and no request_kind, so that a "
                  "rule with refuse_websocket must not ask for them");
    }
    if (!acts) faults_.add(position, "rules.act", "missing; expected a list of actions");
    return made;
  }

  void read_name(const rule_node& node, rule& made) {
    const auto name = name_of(node, faults_);
    if (!name) return;
    if (!names_.insert(*name).second) faults_.add(node.position, node.key, "another rule is called " + *name + ", too");
    made.name = *name;
  }

  void read_match(const rule_node& node, rule_match& match) {
    const auto* table = node.value->as_table();
    if (table == nullptr) return faults_.expected(node, "a table, such as { host = \"api.openai.com\" }");
    for (const auto& one : members_of(*table, "rules.match.")) read_condition(one, match);
  }

  void read_condition(const rule_node& node, rule_match& match) {
    const auto name = std::string_view(node.key).substr(std::string_view("rules.match.").size());
    if (name == "host") return read_hosts(node, match);
    if (name == "path") return void(match.paths = texts_of(node, "a pattern such as \"/v1/chat/*\"", faults_));
    if (name == "model") return void(match.models = texts_of(node, "a pattern such as \"gpt-5*\"", faults_));
    if (name == "request_kind") return void(match.request_kinds = texts_of(node, "a text such as \"agent\"", faults_));
    if (name == "method") {
      for (auto& method : texts_of(node, "a method such as \"POST\"", faults_)) {
        match.methods.push_back(net::text::uppered(method));
      }
      return;
    }
    if (name == "kind") return read_kinds(node, match);
    if (name == "user") return read_users(node, match);
    if (name == "uid") return read_uids(node, match);
    if (name == "header") return read_headers(node, match);
    faults_.add(node.position, node.key,
                "unknown; expected host, path, method, model, kind, request_kind, user, uid or header");
  }

  void read_hosts(const rule_node& node, rule_match& match) {
    for (const auto& text : texts_of(node, "a host pattern such as \"*.googleapis.com\"", faults_)) {
      const auto pattern = net::text::host_pattern::parse(text);
      if (pattern.has_error()) {
        faults_.add(node.position, node.key, pattern.error().message);
      } else {
        match.hosts.push_back(*pattern);
      }
    }
  }

  void read_kinds(const rule_node& node, rule_match& match) {
    constexpr std::string_view wanted = "\"model\", \"count_tokens\", \"other\", \"prewarm\"";
    for (const auto& text : texts_of(node, wanted, faults_)) {
      const auto kind = usage::call_kind_from(text);
      if (!kind)
        return faults_.add(node.position, node.key, "expected " + std::string(wanted) + "; got \"" + text + '"');
      match.kinds.push_back(*kind);
    }
  }

  void read_users(const rule_node& node, rule_match& match) {
    for (const auto& text : texts_of(node, "the name of a user", faults_)) {
      const auto uid = source_.uid_of(text);
      if (!uid) return faults_.add(node.position, node.key, "there is no user " + text);
      match.uids.push_back(*uid);
    }
  }

  void read_uids(const rule_node& node, rule_match& match) {
    constexpr std::int64_t most = 0xffff'fffe;
    const auto take = [&](const toml::node& one) {
      if (const auto uid = integer_of({node.key, node.position, &one}, 0, most, faults_)) match.uids.push_back(*uid);
    };
    const auto* list = node.value->as_array();
    if (list == nullptr) return take(*node.value);
    if (list->empty()) faults_.add(node.position, node.key, "the list is empty");
    for (const auto& one : *list) take(one);
  }

  void read_headers(const rule_node& node, rule_match& match) {
    const auto* table = node.value->as_table();
    if (table == nullptr || table->empty())
      return faults_.expected(node, "a table, such as { user-agent = \"codex*\" }");
    for (const auto& one : members_of(*table, "rules.match.header.")) {
      const auto name = one.key.substr(std::string_view("rules.match.header.").size());
      match.headers.push_back({net::text::lowered(name), texts_of(one, "a pattern", faults_)});
    }
  }

  const rule_source& source_;
  rule_faults& faults_;
  std::set<std::string> names_;
};

}  // namespace

config_result<std::vector<rule>> read_rules(std::string_view text, const std::string& name, const rule_source& source) {
  rule_faults faults(name);
  try {
    const auto file = toml::parse(text, name);
    auto rules = rules_reader(source, faults).read(file);
    if (faults.empty()) return rules;
  } catch (const toml::parse_error& error) {
    faults.add(error.source().begin, "rules", error.description());
  }
  return faults.take();
}

std::optional<std::int64_t> uid_of_user(const std::string& name) {
  std::array<char, 16 * 1024> words;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, words.data(), words.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->pw_uid;
}

}  // namespace app
