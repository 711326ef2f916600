#include "app/rewrite/explanation.hpp"

#include <algorithm>

#include "app/rewrite/json_document.hpp"
#include "app/rewrite/json_lines.hpp"
#include "app/rewrite/line_diff.hpp"

namespace app::rewrite {
namespace {

using fate = rule_step::fate;

std::string said_of(const rule_step& step) {
  switch (step.what) {
    case fate::no_match:
      return "does not match: " + step.said;
    case fate::unneeded:
      return "matches and changes nothing";
    case fate::unfollowed:
      return "cannot be followed: " + step.said;
    case fate::followed:
      return "matches: " + step.said;
    case fate::rehearsed:
      return "would, were it not for its dry_run: " + step.said;
  }
  return {};
}

std::string rule_lines(const rule_set& rules, const rewriting& made) {
  if (rules.rules().empty()) return "There are no rules.\n";
  std::string out;
  for (const auto& one : rules.rules()) {
    const auto step = std::ranges::find(made.steps, &one, &rule_step::which);
    out += "rule " + one.name + " (" + one.origin + "): ";
    out += (step == made.steps.end() ? "is not asked any more" : said_of(*step)) + '\n';
  }
  return out;
}

std::string body_lines(const std::string& body) {
  return is_json(body) ? json_lines(body) : body;
}

std::string request_lines(const mitm::held_request& request) {
  std::string out = request.method + ' ' + request.target + '\n';
  for (const auto& field : request.fields) out += field.name + ": " + field.value + '\n';
  return out + '\n' + body_lines(request.body);
}

std::string answer_lines(const mitm::local_answer& answer) {
  std::string out = "Answered here, the origin does not see it:\n\n" + std::to_string(answer.status) + '\n';
  for (const auto& field : answer.fields) out += field.name + ": " + field.value + '\n';
  return out + '\n' + body_lines(answer.body);
}

}  // namespace

std::string explain(const rule_set& rules, const written_request& written, std::size_t body_limit) {
  const auto made = judge(rules, written.who, written.request, body_limit);
  std::string out = rule_lines(rules, made) + '\n';
  if (rules.dry_run() && made.changed()) out += "With rewrite.dry_run the request passes as it is. Without it:\n\n";
  if (made.answer) return out + answer_lines(*made.answer);
  if (!made.changed()) return out + "The request passes as it is.\n";
  mitm::held_request after{made.draft.method, made.draft.target, made.draft.fields, written.request.body};
  if (made.draft.body_changed) after.body = made.draft.body;
  out += line_diff(request_lines(written.request), request_lines(after));
  if (made.draft.strip_usage) out += "\nThe chunk with the usage is taken out of the answer.\n";
  return out;
}

}  // namespace app::rewrite
