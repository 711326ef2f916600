#include "app/rewrite/request_facts.hpp"

#include <algorithm>

#include "app/rewrite/glob.hpp"
#include "app/rewrite/json_document.hpp"
#include "net/text/ascii.hpp"

namespace app::rewrite {
namespace {

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

head_facts facts_of(std::string_view host, const net::wire::request_head& head, std::optional<std::int64_t> uid) {
  const auto path = usage::path_of(head.target);
  head_facts facts{host, head.method, path, {}, uid, usage::classify(host, head.method, path)};
  for (const auto& field : head.fields) facts.fields.push_back(field);
  return facts;
}

body_facts facts_of(const usage::call_shape& call, std::string_view json) {
  body_facts facts;
  facts.model = call.model;
  if (json.empty()) return facts;
  if (facts.model.empty()) facts.model = string_at(json, {"model"}).value_or("");
  facts.request_kind = request_kind_of(json);
  return facts;
}

std::string_view mismatch(const rule_match& match, const head_facts& head) {
  if (!fits_host(match, head.host)) return "host";
  if (!lists(match.methods, head.method)) return "method";
  if (!fits(match.paths, head.path)) return "path";
  if (!lists(match.kinds, head.call.kind)) return "kind";
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
  if (!fits(match.models, body.model)) return "model";
  if (!lists(match.request_kinds, body.request_kind)) return "request_kind";
  return {};
}

}  // namespace app::rewrite
