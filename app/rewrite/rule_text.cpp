#include "app/rewrite/rule_text.hpp"

#include <array>
#include <string_view>

namespace app::rewrite {
namespace {

struct describer {
  std::string operator()(const set_json& act) const { return "set " + act.at.text(); }
  std::string operator()(const remove_json& act) const { return "remove " + act.at.text(); }
  std::string operator()(const append_json& act) const { return "append " + act.at.text(); }
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
};

}  // namespace

std::string describe(const action& act) {
  return std::visit(describer{}, act);
}

}  // namespace app::rewrite
