#include "app/rewrite/rule_set.hpp"

#include <algorithm>
#include <utility>

#include "app/rewrite/local_answer.hpp"
#include "app/rewrite/rule_text.hpp"

namespace app::rewrite {
namespace {

using fate = rule_step::fate;

bool is_of_fields(const action& act) {
  return std::holds_alternative<set_header>(act) || std::holds_alternative<remove_header>(act);
}

bool is_of_body(const action& act) {
  return !is_of_fields(act) && !std::holds_alternative<block>(act) && !std::holds_alternative<mock>(act) &&
         !std::holds_alternative<refuse_websocket>(act);
}

rule_set::interest interest_of(const rule& one, const head_facts& head) {
  using interest = rule_set::interest;
  if (!mismatch(one.match, head).empty()) return interest::none;
  const bool asks = asks_body(one.match, head.call);
  const bool fields = std::ranges::any_of(one.actions, is_of_fields);
  const bool body = std::ranges::any_of(one.actions, is_of_body);
  switch (head.form) {
    case mitm::request_form::upgrade:
      return !asks && (fields || refusal_of(one) != nullptr) ? interest::head : interest::none;
    case mitm::request_form::message:
      return body || answer_of(one) != nullptr || (asks && fields) ? interest::body : interest::none;
    case mitm::request_form::plain:
      break;
  }
  return asks || body ? interest::body : interest::head;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out.append(out.empty() ? "" : "; ").append(part);
  return out;
}

/// Why a rule must not be followed, if so.
std::optional<rule_step> set_aside(const rule& one, const head_facts& head, const body_facts& body,
                                   const request_draft& draft) {
  if (const auto what = mismatch(one.match, head); !what.empty())
    return rule_step{&one, fate::no_match, std::string(what)};
  if (!body.readable && asks_body(one.match, head.call)) {
    return rule_step{&one, fate::unfollowed, "match: " + draft.body_fault.message()};
  }
  if (const auto what = mismatch(one.match, body); !what.empty())
    return rule_step{&one, fate::no_match, std::string(what)};
  return std::nullopt;
}

/// The action that answers a request in that form; nullptr: there is none.
const action* answer_of(const rule& one, mitm::request_form form) {
  return form == mitm::request_form::upgrade ? refusal_of(one) : answer_of(one);
}

rule_step change_by(const rule& one, request_draft& draft) {
  const auto changes = apply(one, draft);
  if (changes.has_error()) return {&one, fate::unfollowed, changes.error().why};
  if (changes->empty()) return {&one, fate::unneeded, {}};
  return {&one, fate::followed, joined(*changes)};
}

}  // namespace

bool rewriting::changed() const {
  return std::ranges::any_of(steps, [](const rule_step& step) { return step.what == fate::followed; });
}

bool rule_set::concerns(std::string_view host) const {
  return std::ranges::any_of(rules_, [host](const rule& one) {
    const auto& hosts = one.match.hosts;
    return hosts.empty() || std::ranges::any_of(hosts, [host](const auto& pattern) { return pattern.matches(host); });
  });
}

rule_set::interest rule_set::wants(const head_facts& head) const {
  auto most = interest::none;
  for (const auto& one : rules_) {
    most = std::max(most, interest_of(one, head));
  }
  return most;
}

std::string rule_set::candidates(const head_facts& head) const {
  std::string names;
  for (const auto& one : rules_) {
    if (interest_of(one, head) != interest::none) names.append(names.empty() ? "" : ", ").append(one.name);
  }
  return names;
}

rewriting rule_set::follow(const head_facts& head, const body_facts& body, request_draft draft) const {
  rewriting made{{}, std::move(draft), {}};
  for (const auto& one : rules_) {
    if (auto aside = set_aside(one, head, body, made.draft)) {
      made.steps.push_back(std::move(*aside));
      continue;
    }
    if (const auto* own = answer_of(one, head.form)) {
      if (head.form == mitm::request_form::message) {
        auto events = make_events(*own, made.draft.body);
        if (events.has_error()) {
          made.steps.push_back({&one, fate::unfollowed, describe(*own) + ": " + events.error().message()});
          continue;
        }
        if (!one.dry_run) made.events = std::move(*events);
      }
      made.steps.push_back({&one, one.dry_run ? fate::rehearsed : fate::followed, describe(*own)});
      if (one.dry_run) continue;
      made.answer = make_answer(one, *own, head.call.provider);
      break;
    }
    if (one.dry_run) {
      request_draft rehearsal = made.draft;
      auto step = change_by(one, rehearsal);
      if (step.what == fate::followed) step.what = fate::rehearsed;
      made.steps.push_back(std::move(step));
      continue;
    }
    made.steps.push_back(change_by(one, made.draft));
    if (one.last) break;
  }
  return made;
}

}  // namespace app::rewrite
