#include "app/rewrite/rewriter.hpp"

#include <algorithm>
#include <utility>

#include "app/rewrite/held_body.hpp"
#include "app/rewrite/usage_chunk_filter.hpp"

namespace app::rewrite {
namespace {

using fate = rule_step::fate;
using mitm::rewritten;

head_facts head_of(const requester& who, const mitm::held_request& request) {
  const auto path = usage::path_of(request.target);
  auto facts = facts_of(who.host, request.method, path, request.form, who.uid);
  for (const auto& field : request.fields) facts.fields.push_back({field.name, field.value});
  return facts;
}

/// Decodes the body only if a rule needs it.
request_draft draft_of(const requester& who, const mitm::held_request& request, mitm::request_form form,
                       std::size_t limit, bool with_body) {
  request_draft draft{who.host, request.method, request.target, request.fields, {}, {}, form, false, false};
  if (!with_body) return draft;
  auto body = decoded_body(request, limit);
  if (body.has_error()) {
    draft.body_fault = body.error();
  } else {
    draft.body = std::move(*body);
  }
  return draft;
}

/// For a request that is forwarded or answered.
mitm::rewrite_note note_of(const rewriting& made) {
  mitm::rewrite_note note;
  note.answered = made.answer.has_value();
  const auto add = [](std::string& list, std::string_view between, const std::string& entry) {
    list.append(list.empty() ? "" : between).append(entry);
  };
  for (const auto& step : made.steps) {
    if (step.what == fate::followed && (!note.answered || &step == &made.steps.back())) {
      add(note.rules, ", ", step.which->name);
      add(note.changes, "; ", step.said);
    } else if (step.what == fate::unfollowed) {
      add(note.changes, "; ", step.which->name + " not applied: " + step.said);
    }
  }
  return note;
}

/// Encodes the body again. If that fails, no rule was followed.
void encode(rewriting& made, const mitm::held_request& request) {
  if (!made.draft.body_changed || made.answer) return;
  auto body = encoded_body(request, std::move(made.draft.body));
  if (body.has_value()) {
    made.draft.body = std::move(*body);
    return;
  }
  for (auto& step : made.steps) {
    if (step.what == fate::followed) step = {step.which, fate::unfollowed, body.error().message()};
  }
}

void take_over(request_draft&& draft, mitm::held_request& request) {
  if (draft.body_changed) request.body = std::move(draft.body);
  request.target = std::move(draft.target);
  request.fields = std::move(draft.fields);
}

}  // namespace

rewriting judge(const rule_set& rules, const requester& who, const mitm::held_request& request,
                std::size_t body_limit) {
  const auto head = head_of(who, request);
  const bool with_body = rules.wants(head) == rule_set::interest::body;
  auto draft = draft_of(who, request, head.form, body_limit, with_body);
  auto body = facts_of(head, draft.body);
  body.readable = !draft.body_fault || request.body.empty();
  return rules.follow(head, body, std::move(draft));
}

rewriter::rewriter(rewriter_setup setup) : setup_(std::move(setup)) {}

bool rewriter::wants(const net::wire::request_head& head) {
  return setup_.rules()->wants(facts_of(setup_.who.host, head, setup_.who.uid)) != rule_set::interest::none;
}

bool rewriter::reads_messages(const net::wire::request_head& head) {
  return mitm::form_of(head) == mitm::request_form::upgrade &&
         carries_calls(setup_.who.host, usage::path_of(head.target));
}

rewritten rewriter::rewrite(mitm::held_request& request) {
  if (request.form == mitm::request_form::message && !is_call(request.body)) return {};
  const auto rules = setup_.rules();
  auto made = judge(*rules, setup_.who, request, setup_.body_limit);
  encode(made, request);
  report(*rules, made, usage::path_of(request.target));
  rewritten out;
  if (rules->dry_run()) return out;
  out.note = note_of(made);
  if (made.answer) {
    out.what = rewritten::outcome::answered;
    out.answer = std::move(*made.answer);
    out.events = std::move(made.events);
  } else if (made.changed()) {
    out.what = rewritten::outcome::changed;
    if (made.draft.strip_usage) out.response = std::make_unique<usage_chunk_filter>();
    take_over(std::move(made.draft), request);
  }
  return out;
}

mitm::rewrite_note rewriter::passed_over(const net::wire::request_head& head, std::string_view why) {
  const auto facts = facts_of(setup_.who.host, head, setup_.who.uid);
  const auto names = setup_.rules()->candidates(facts);
  setup_.audit({names, setup_.who.host, std::string(facts.path), std::string(why), audit_entry::outcome::not_applied});
  return {{}, names + " not applied: " + std::string(why), false};
}

void rewriter::report(const rule_set& rules, const rewriting& made, std::string_view path) const {
  using outcome = audit_entry::outcome;
  for (const auto& step : made.steps) {
    const bool answers = made.answer && &step == &made.steps.back();
    const bool done = step.what == fate::followed && !rules.dry_run();
    if (step.what == fate::no_match || step.what == fate::unneeded) continue;
    if (done && made.answer && !answers) continue;  // the origin does not see the request
    auto what = answers ? outcome::answered : outcome::applied;
    if (step.what == fate::unfollowed) {
      what = outcome::not_applied;
    } else if (!done) {
      what = answers ? outcome::would_answer : outcome::would_apply;
    }
    setup_.audit({step.which->name, setup_.who.host, std::string(path), step.said, what});
  }
}

}  // namespace app::rewrite
