#include "app/rewrite/request_draft.hpp"

#include <algorithm>
#include <utility>

#include "app/rewrite/json_edit.hpp"
#include "app/rewrite/provider_shape.hpp"
#include "app/rewrite/request_facts.hpp"
#include "app/rewrite/rule_text.hpp"
#include "net/text/ascii.hpp"
#include "net/text/percent.hpp"
#include "net/text/utf8.hpp"
#include "net/wire/message_head.hpp"

namespace app::rewrite {
namespace {

constexpr std::size_t longest_model = 128;  // bytes of a client's model name in a note

edited put_field(std::vector<net::wire::field>& fields, const set_header& wanted) {
  const auto same = [&](const net::wire::field& field) { return net::text::iequals(field.name, wanted.name); };
  const auto first = std::ranges::find_if(fields, same);
  if (first == fields.end()) {
    fields.push_back({wanted.name, wanted.value});
    return edited::yes;
  }
  const bool changed = std::exchange(first->value, wanted.value) != wanted.value;
  const auto others = std::remove_if(std::next(first), fields.end(), same);
  const bool cut = others != fields.end();
  fields.erase(others, fields.end());
  return changed || cut ? edited::yes : edited::no;
}

/// Applies one action and returns whether it changed something. Actions on the body fail if the body cannot be changed.
struct follower {
  request_draft& draft;
  bool matched_upgrade;  // of a message: the rule, by the head alone
  std::string models{};  // the change of the model

  template <class Edit>
  result<edited> in_fields(Edit edit) {
    if (draft.form != mitm::request_form::message) return edit(draft.fields);
    if (matched_upgrade) return edited::no;
    return errc::no_fields;
  }

  template <class Edit>
  result<edited> in_body(Edit edit) {
    if (draft.form == mitm::request_form::upgrade) return edited::no;
    if (draft.body_fault) return draft.body_fault;
    const result<edited> changed = edit(draft.body);
    if (changed.has_value() && *changed == edited::yes) draft.body_changed = true;
    return changed;
  }

  template <class Edit>
  result<edited> in_call(Edit edit) {
    return in_body([&](std::string& body) -> result<edited> {
      const auto shape = shape_of(draft.call(), usage::path_of(draft.target), body);
      if (shape.has_error()) return shape.error();
      return edit(body, *shape);
    });
  }

  result<edited> operator()(const set_json& act) {
    return in_body([&](std::string& body) { return set_value(body, act.pointer, act.json); });
  }
  result<edited> operator()(const remove_json& act) {
    return in_body([&](std::string& body) { return remove_value(body, act.pointer); });
  }
  result<edited> operator()(const append_json& act) {
    return in_body([&](std::string& body) { return extend_value(body, act.pointer, edge::back, act.json); });
  }
  result<edited> operator()(const system_text& act) {
    return in_call([&](std::string& body, const body_shape& shape) { return change_system(body, shape, act); });
  }
  result<edited> operator()(const cap_output& act) {
    return in_call(
        [&](std::string& body, const body_shape& shape) { return cap_output_tokens(body, shape, act.tokens); });
  }
  result<edited> operator()(const map_model& act) {
    const auto call = draft.call();
    if (!call.model.empty()) return model_in_path(call.model, act.name);
    return in_body([&](std::string& body) { return model_in_body(body, act.name); });
  }
  result<edited> operator()(const set_header& act) {
    return in_fields([&](auto& fields) { return put_field(fields, act); });
  }
  result<edited> operator()(const remove_header& act) {
    const auto named = [&](const auto& field) { return net::text::iequals(field.name, act.name); };
    return in_fields([&](auto& fields) { return std::erase_if(fields, named) != 0 ? edited::yes : edited::no; });
  }
  result<edited> operator()(const include_usage&) {
    const auto changed = in_call([](std::string& body, const body_shape& shape) { return ask_for_usage(body, shape); });
    if (changed.has_error() || *changed == edited::no) return changed;
    put_field(draft.fields, {"accept-encoding", "identity"});  // the chunk is found in plain text only
    draft.strip_usage = true;
    return changed;
  }
  result<edited> operator()(const block&) { return edited::no; }
  result<edited> operator()(const mock&) { return edited::no; }
  result<edited> operator()(const refuse_websocket&) { return edited::no; }

  result<edited> model_in_path(std::string_view model, const std::string& name) {
    const std::string after = net::text::percent_encoded(name, "@");
    if (model == after) return edited::no;
    const std::string_view path = usage::path_of(draft.target);
    std::string plain = usage::plain_path(path);
    const auto at = place_of_model(plain, model);
    if (at == plain.npos) return errc::missing;
    models = ' ' + net::utf8::printable(model, longest_model) + " -> " + name;
    plain.replace(at, model.size(), after);
    draft.target.replace(static_cast<std::size_t>(path.data() - draft.target.data()), path.size(), plain);
    return edited::yes;
  }

  /// Behind the name of its collection.
  static std::size_t place_of_model(std::string_view path, std::string_view model) {
    for (const std::string_view collection : {"/models/", "/tunedModels/", "/deployments/", "/model/"}) {
      const auto at = path.find(std::string(collection) + std::string(model));
      if (at != path.npos) return at + collection.size();
    }
    return path.npos;
  }

  result<edited> model_in_body(std::string& body, const std::string& name) {
    const json_pointer pointer{"model"};
    const auto place = locate(body, pointer);
    if (place.has_error()) return place.error();
    if (!place->found) return errc::missing;
    const auto before = string_of(place->value(body));
    if (!before) return errc::wrong_type;
    if (*before == name) return edited::no;
    models = ' ' + net::utf8::printable(*before, longest_model) + " -> " + name;
    return set_value(body, pointer, literal_of(name));
  }
};

}  // namespace

usage::call_shape request_draft::call() const {
  return usage::classify(host, method, usage::path_of(target));
}

boost::system::result<std::vector<std::string>, unfollowed> apply(const rule& followed, request_draft& draft) {
  request_draft tried = draft;
  std::vector<std::string> changes;
  for (const auto& act : followed.actions) {
    follower follow{tried, !asks_body(followed.match, draft.call())};
    const auto changed = std::visit(follow, act);
    if (changed.has_error()) return unfollowed{describe(act) + ": " + changed.error().message()};
    if (*changed == edited::no) continue;
    changes.push_back(follow.models.empty() ? describe(act) : "model" + follow.models);
  }
  draft = std::move(tried);
  return changes;
}

}  // namespace app::rewrite
