#include "app/rewrite/rule_text.hpp"

#include <array>
#include <string_view>

namespace app::rewrite {
namespace {

struct describer {
  std::string operator()(const set_json& act) const { return "set " + act.pointer.text(); }
  std::string operator()(const remove_json& act) const { return "remove " + act.pointer.text(); }
  std::string operator()(const append_json& act) const { return "append " + act.pointer.text(); }
  std::string operator()(const system_text& act) const {
    constexpr std::array words{"system prepend", "system append", "system replace"};
    return words[static_cast<std::size_t>(act.where)];
  }
  std::string operator()(const map_model& act) const { return "model " + act.name; }
  std::string operator()(const cap_output& act) const { return "max_output_tokens " + std::to_string(act.tokens); }
  std::string operator()(const set_header& act) const { return "set_header " + act.name; }
  std::string operator()(const remove_header& act) const { return "remove_header " + act.name; }
  std::string operator()(const block&) const { return "block"; }
  std::string operator()(const mock& act) const { return "mock " + act.file; }
  std::string operator()(const include_usage&) const { return "include_usage"; }
  std::string operator()(const refuse_websocket&) const { return "refuse_websocket"; }
};

void add_condition(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out.append(out.empty() ? "" : ", ").append(name);
  std::string_view between = " ";
  for (const auto& value : values) {
    out.append(between).append(value);
    between = " or ";
  }
}

template <class T, class Text>
std::vector<std::string> texts_of(const std::vector<T>& values, Text text) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.emplace_back(text(value));
  return texts;
}

}  // namespace

std::string describe(const action& act) {
  return std::visit(describer{}, act);
}

std::string describe(const rule_match& match) {
  std::string out;
  add_condition(out, "host", texts_of(match.hosts, [](const auto& host) { return host.text(); }));
  add_condition(out, "method", match.methods);
  add_condition(out, "path", match.paths);
  add_condition(out, "model", match.models);
  add_condition(out, "kind", texts_of(match.kinds, [](usage::call_kind kind) { return usage::to_string(kind); }));
  add_condition(out, "request_kind", match.request_kinds);
  add_condition(out, "uid", texts_of(match.uids, [](std::int64_t uid) { return std::to_string(uid); }));
  for (const auto& header : match.headers) add_condition(out, "header " + header.name, header.values);
  return out.empty() ? "every request" : out;
}

}  // namespace app::rewrite
