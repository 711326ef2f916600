#include "app/config/rule_action_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "app/config/mock_file.hpp"
#include "app/rewrite/field_rules.hpp"
#include "app/rewrite/json_document.hpp"
#include "net/text/ascii.hpp"

namespace app {
namespace {

using rewrite::action;

constexpr std::string_view action_prefix = "rules.act.";
constexpr std::int64_t most_tokens = 1'000'000'000;
constexpr std::size_t longest_model = 256;

/// The word that names an action, and the other members of its table.
struct action_word {
  std::string_view name;
  std::string_view others;  // each between spaces
};

constexpr std::array action_words{
    action_word{"set", " value json "},   action_word{"remove", " "},        action_word{"append", " value json "},
    action_word{"system", " text "},      action_word{"model", " "},         action_word{"max_output_tokens", " "},
    action_word{"set_header", " value "}, action_word{"remove_header", " "}, action_word{"block", " status "},
    action_word{"mock", " status "},      action_word{"include_usage", " "}, action_word{"refuse_websocket", " "},
};

std::string all_words() {
  std::string list;
  for (const auto& one : action_words) list.append(list.empty() ? "" : ", ").append(one.name);
  return list;
}

bool is_model(std::string_view name) {
  return name.size() <= longest_model &&
         std::ranges::all_of(name, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

class action_reader {
 public:
  action_reader(std::size_t mock_size, rule_faults& faults) : mock_size_(mock_size), faults_(faults) {}

  std::optional<action> read(const rule_node& node) {
    const auto* table = node.value->as_table();
    if (table == nullptr) {
      faults_.expected(node, "a table for each action, such as { model = \"gpt-5-mini\" }");
      return std::nullopt;
    }
    members_ = members_of(*table, action_prefix);
    const auto named = std::ranges::find_if(members_, [](const rule_node& one) { return word_of(one) != nullptr; });
    if (named == members_.end()) {
      faults_.add(node.position, node.key, "an action without its word; expected one of " + all_words());
      return std::nullopt;
    }
    const auto& chosen = *word_of(*named);
    for (const auto& one : members_) {
      if (&one == &*named || chosen.others.find(' ' + bare(one) + ' ') != chosen.others.npos) continue;
      faults_.add(one.position, one.key,
                  "not a part of the action " + std::string(chosen.name) +
                      (word_of(one) != nullptr ? "; each action has a table of its own" : ""));
    }
    return read_as(chosen.name, *named);
  }

 private:
  static std::string bare(const rule_node& node) { return node.key.substr(action_prefix.size()); }

  static const action_word* word_of(const rule_node& node) {
    const auto* found = std::ranges::find(action_words, bare(node), &action_word::name);
    return found == action_words.end() ? nullptr : found;
  }

  const rule_node* other(std::string_view name) const {
    const auto found = std::ranges::find_if(members_, [&](const rule_node& one) { return bare(one) == name; });
    return found == members_.end() ? nullptr : &*found;
  }

  std::optional<action> read_as(std::string_view name, const rule_node& node) {
    if (name == "set") return at_pointer<rewrite::set_json>(node);
    if (name == "append") return at_pointer<rewrite::append_json>(node);
    if (name == "remove") return read_remove(node);
    if (name == "system") return read_system(node);
    if (name == "model") return read_model(node);
    if (name == "max_output_tokens") return read_cap(node);
    if (name == "set_header") return read_set_header(node);
    if (name == "remove_header") return read_remove_header(node);
    if (name == "block") return read_block(node);
    if (name == "mock") return read_mock(node);
    if (!boolean_of(node, faults_)) {
      faults_.expected(node, "true");
      return std::nullopt;
    }
    if (name == "refuse_websocket") return rewrite::refuse_websocket{};
    return rewrite::include_usage{};
  }

  std::optional<rewrite::json_pointer> pointer_of(const rule_node& node) {
    constexpr std::string_view wanted = "a JSON pointer such as \"/metadata/user\"";
    const auto text = text_of(node, wanted, faults_);
    if (!text) return std::nullopt;
    auto pointer = rewrite::json_pointer::parse(*text);
    if (!pointer) faults_.expected(node, wanted);
    return pointer;
  }

  /// The value of an action, which is given either as value or as json.
  std::optional<std::string> value_beside(const rule_node& node) {
    const auto* value = other("value");
    const auto* json = other("json");
    if ((value == nullptr) == (json == nullptr)) {
      faults_.add(node.position, node.key, "expected either value or json beside it");
      return std::nullopt;
    }
    if (value != nullptr) return json_of(*value, faults_);
    constexpr std::string_view wanted = "a text that is JSON";
    const auto text = text_of(*json, wanted, faults_);
    if (!text) return std::nullopt;
    if (rewrite::is_json(*text)) return text;
    faults_.expected(*json, wanted);
    return std::nullopt;
  }

  template <class Action>
  std::optional<action> at_pointer(const rule_node& node) {
    const auto pointer = pointer_of(node);
    const auto json = value_beside(node);
    if (!pointer || !json) return std::nullopt;
    return Action{*pointer, *json};
  }

  std::optional<action> read_remove(const rule_node& node) {
    const auto pointer = pointer_of(node);
    if (!pointer) return std::nullopt;
    return rewrite::remove_json{*pointer};
  }

  std::optional<action> read_system(const rule_node& node) {
    constexpr std::array places{"prepend", "append", "replace"};
    constexpr std::string_view wanted = R"("prepend", "append" or "replace")";
    const auto place = text_of(node, wanted, faults_);
    if (!place) return std::nullopt;
    const auto* found = std::ranges::find(places, *place);
    if (found == places.end()) {
      faults_.expected(node, wanted);
      return std::nullopt;
    }
    const auto text = beside(node, "text", "the text of the instruction");
    if (!text) return std::nullopt;
    return rewrite::system_text{static_cast<rewrite::system_text::place>(found - places.begin()), *text};
  }

  std::optional<std::string> beside(const rule_node& node, std::string_view name, std::string_view wanted) {
    const auto* found = other(name);
    if (found != nullptr) return text_of(*found, wanted, faults_);
    faults_.add(node.position, node.key, "expected " + std::string(name) + " beside it");
    return std::nullopt;
  }

  std::optional<action> read_model(const rule_node& node) {
    constexpr std::string_view wanted = "the name of a model";
    const auto name = text_of(node, wanted, faults_);
    if (!name) return std::nullopt;
    if (is_model(*name)) return rewrite::map_model{*name};
    faults_.expected(node, wanted);
    return std::nullopt;
  }

  std::optional<action> read_cap(const rule_node& node) {
    const auto tokens = integer_of(node, 1, most_tokens, faults_);
    if (!tokens) return std::nullopt;
    return rewrite::cap_output{static_cast<std::uint64_t>(*tokens)};
  }

  std::optional<std::string> field_of(const rule_node& node) {
    constexpr std::string_view wanted = "the name of a header field";
    auto name = text_of(node, wanted, faults_);
    if (!name) return std::nullopt;
    name = net::text::lowered(*name);
    if (!rewrite::is_field_name(*name)) {
      faults_.expected(node, wanted);
      return std::nullopt;
    }
    if (!rewrite::is_framing_field(*name)) return name;
    faults_.add(node.position, node.key,
                *name + " belongs to the framing or routing of the message; no rule may change it");
    return std::nullopt;
  }

  std::optional<action> read_set_header(const rule_node& node) {
    const auto name = field_of(node);
    const auto value = beside(node, "value", "the value of the field");
    if (!name || !value) return std::nullopt;
    if (rewrite::is_field_value(*value)) return rewrite::set_header{*name, *value};
    faults_.expected(*other("value"), "a value without control characters and without spaces around it");
    return std::nullopt;
  }

  std::optional<action> read_remove_header(const rule_node& node) {
    const auto name = field_of(node);
    if (!name) return std::nullopt;
    return rewrite::remove_header{*name};
  }

  std::optional<action> read_block(const rule_node& node) {
    rewrite::block made;
    const auto message = text_of(node, "the message of the error", faults_);
    if (const auto* status = other("status")) {
      made.status = static_cast<unsigned>(integer_of(*status, 400, 599, faults_).value_or(made.status));
    }
    if (!message) return std::nullopt;
    made.message = *message;
    return made;
  }

  std::optional<action> read_mock(const rule_node& node) {
    unsigned code = 200;
    if (const auto* status = other("status")) {
      code = static_cast<unsigned>(integer_of(*status, 200, 599, faults_).value_or(code));
      if (code == 204 || code == 205 || code == 304) faults_.expected(*status, "a status that has a body");
    }
    const auto path = text_of(node, "the absolute path of a .json, .sse or .txt file", faults_);
    if (!path) return std::nullopt;
    auto made = read_mock_file(*path, mock_size_);
    if (made.has_error()) {
      faults_.add(node.position, node.key, made.error().why);
      return std::nullopt;
    }
    made->status = code;
    return *made;
  }

  std::size_t mock_size_;
  rule_faults& faults_;
  std::vector<rule_node> members_;
};

bool answers(const action& act) {
  return std::holds_alternative<rewrite::block>(act) || std::holds_alternative<rewrite::mock>(act);
}

}  // namespace

std::vector<action> read_actions(const rule_node& list, std::size_t mock_size, rule_faults& faults) {
  std::vector<action> actions;
  const auto* tables = list.value->as_array();
  if (tables == nullptr || tables->empty()) {
    faults.expected(list, "a list of actions, such as [ { model = \"gpt-5-mini\" } ]");
    return actions;
  }
  for (const auto& one : *tables) {
    const auto position = one.source().begin;
    if (auto act = action_reader(mock_size, faults).read({list.key, position, &one}))
      actions.push_back(std::move(*act));
  }
  if (actions.size() > 1 && std::ranges::any_of(actions, answers)) {
    faults.add(list.position, list.key,
               "block and mock answer instead of the origin; expected no other action beside them");
  }
  return actions;
}

}  // namespace app
