#include "app/rewrite/request_facts.hpp"

#include <algorithm>

#include "app/rewrite/glob.hpp"
#include "app/rewrite/json_document.hpp"
#include "net/text/ascii.hpp"

namespace app::rewrite {
namespace {

using mitm::request_form;

constexpr std::string_view call_method = "POST";

template <class T, class Value>
bool lists(const std::vector<T>& wanted, const Value& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool fits(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() || any_glob_matches(patterns, text);
}

bool fits_host(const rule_match& match, std::string_view host) {
  return match.hosts.empty() ||
         std::ranges::any_of(match.hosts, [host](const auto& pattern) { return pattern.matches(host); });
}

bool fits_header(const header_match& wanted, const std::vector<net::wire::header_field>& fields) {
  return std::ranges::any_of(fields, [&](const net::wire::header_field& field) {
    return net::text::iequals(field.name, wanted.name) && any_glob_matches(wanted.values, field.value);
  });
}

/// The kind of a Cloud Code request, by the beginning of its id or by its type.
std::string request_kind_of(std::string_view json) {
  const auto id = string_at(json, {"requestId"}).value_or("");
  if (const auto slash = id.find('/'); slash != id.npos) return id.substr(0, slash);
  return string_at(json, {"requestType"}).value_or("");
}

}  // namespace

bool carries_calls(std::string_view host, std::string_view path) {
  const auto call = usage::classify(host, call_method, path);
  return call.provider == usage::provider::openai_responses && call.kind == usage::call_kind::model;
}

bool is_call(std::string_view text) {
  if (!is_json(text)) return false;
  const auto type = locate(text, {"type"});
  if (type.has_error()) return type.error() == errc::ambiguous;  // servers may take either
  return type->found && string_of(type->value(text)) == "response.create";
}

head_facts facts_of(std::string_view host, std::string_view method, std::string_view path, mitm::request_form form,
                    std::optional<std::int64_t> uid) {
  if (form != request_form::plain && !carries_calls(host, path)) form = request_form::plain;
  if (form == request_form::upgrade) method = call_method;
  return {host, method, path, {}, uid, usage::classify(host, method, path), form};
}

head_facts facts_of(std::string_view host, const net::wire::request_head& head, std::optional<std::int64_t> uid) {
  auto facts = facts_of(host, head.method, usage::path_of(head.target), mitm::form_of(head), uid);
  for (const auto& field : head.fields) facts.fields.push_back(field);
  return facts;
}

body_facts facts_of(const head_facts& head, std::string_view json) {
  body_facts facts;
  facts.model = head.call.model;
  if (json.empty()) return facts;
  if (head.form == request_form::message) {
    facts.kind = value_at(json, {"generate"}) == "false" ? usage::call_kind::prewarm : head.call.kind;
  }
  if (facts.model.empty()) facts.model = string_at(json, {"model"}).value_or("");
  facts.request_kind = request_kind_of(json);
  return facts;
}

std::string_view mismatch(const rule_match& match, const head_facts& head) {
  if (!fits_host(match, head.host)) return "host";
  if (!lists(match.methods, head.method)) return "method";
  if (!fits(match.paths, head.path)) return "path";
  // On a WebSocket, the body tells which of the two.
  const bool maybe_prewarm = head.form != request_form::plain && lists(match.kinds, usage::call_kind::prewarm);
  if (!lists(match.kinds, head.call.kind) && !maybe_prewarm) return "kind";
  if (!match.uids.empty() && (!head.uid || !lists(match.uids, *head.uid))) return "uid";
  const bool all =
      std::ranges::all_of(match.headers, [&](const auto& wanted) { return fits_header(wanted, head.fields); });
  if (!all) return "header";
  if (!head.call.model.empty() && !fits(match.models, head.call.model)) return "model";
  return {};
}

bool asks_body(const rule_match& match, const usage::call_shape& call) {
  return !match.request_kinds.empty() || (!match.models.empty() && call.model.empty());
}

std::string_view mismatch(const rule_match& match, const body_facts& body) {
  if (body.kind && !lists(match.kinds, *body.kind)) return "kind";
  if (!fits(match.models, body.model)) return "model";
  if (!lists(match.request_kinds, body.request_kind)) return "request_kind";
  return {};
}

}  // namespace app::rewrite
