#include "app/rewrite/rule_conflicts.hpp"

#include <algorithm>

#include "app/rewrite/local_answer.hpp"
#include "app/rewrite/rule_overlap.hpp"
#include "app/rewrite/rule_text.hpp"

namespace app::rewrite {
namespace {

/// What an action changes, and whether it overwrites it completely.
struct touched {
  enum class thing : std::uint8_t { nothing, json, system, model, cap, header };

  thing what = thing::nothing;
  json_pointer pointer{};
  std::string name{};  // of a header
  bool overwrites = false;
};

struct toucher {
  using thing = touched::thing;

  touched operator()(const set_json& act) const { return at_pointer(act.pointer, true); }
  touched operator()(const remove_json& act) const { return at_pointer(act.pointer, true); }
  touched operator()(const append_json& act) const { return at_pointer(act.pointer, false); }
  touched operator()(const system_text& act) const {
    return {thing::system, {}, {}, act.where == system_text::place::replace};
  }
  touched operator()(const map_model&) const { return {thing::model, {"model"}, {}, true}; }
  touched operator()(const cap_output&) const { return {thing::cap}; }
  touched operator()(const set_header& act) const { return {thing::header, {}, act.name, true}; }
  touched operator()(const remove_header& act) const { return {thing::header, {}, act.name, true}; }
  touched operator()(const block&) const { return {}; }
  touched operator()(const mock&) const { return {}; }
  touched operator()(const include_usage&) const { return {}; }
  touched operator()(const refuse_websocket&) const { return {}; }

  static touched at_pointer(const json_pointer& pointer, bool overwrites) {
    if (pointer == json_pointer{"model"}) return {thing::model, pointer, {}, overwrites};
    return {thing::json, pointer, {}, overwrites && pointer.tokens().back() != "-"};
  }
};

bool undoes(const action& later, const action& earlier) {
  const auto after = std::visit(toucher{}, later);
  const auto before = std::visit(toucher{}, earlier);
  return after.overwrites && after.what == before.what && after.name == before.name &&
         after.pointer.covers(before.pointer);
}

std::string line(const rule& about, const std::string& text) {
  return about.origin + ": rule " + about.name + ": " + text;
}

void add_undone(std::vector<std::string>& lines, const rule& earlier, const rule& later) {
  for (const auto& before : earlier.actions) {
    for (const auto& after : later.actions) {
      if (undoes(after, before)) {
        lines.push_back(line(
            later, describe(after) + " undoes " + describe(before) + " of rule " + earlier.name + " where both match"));
      }
    }
  }
}

bool ends(const rule& one) {
  return one.last || answer_of(one) != nullptr;
}

void add_unwatched(std::vector<std::string>& lines, const rule& one, std::span<const net::text::host_pattern> watched) {
  for (const auto& host : one.match.hosts) {
    const bool seen = std::ranges::any_of(watched, [&](const auto& pattern) { return hosts_meet(pattern, host); });
    if (!seen) lines.push_back(line(one, "host " + host.text() + " is not watched, so its requests are not seen"));
  }
}

}  // namespace

std::vector<std::string> conflicts_of(std::span<const rule> rules, std::span<const net::text::host_pattern> watched) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < rules.size(); ++at) {
    const rule& later = rules[at];
    add_unwatched(lines, later, watched);
    const auto before = rules.first(at);
    const auto stop = std::ranges::find_if(
        before, [&](const rule& one) { return !one.dry_run && ends(one) && covers(one.match, later.match); });
    if (stop != before.end()) {
      lines.push_back(line(later, "never has its turn: rule " + stop->name + " matches all that it matches, and ends"));
      continue;
    }
    for (const auto& earlier : before) {
      const bool both = !earlier.dry_run && !later.dry_run && !ends(earlier) && meet(earlier.match, later.match);
      if (both) add_undone(lines, earlier, later);
    }
  }
  return lines;
}

}  // namespace app::rewrite
