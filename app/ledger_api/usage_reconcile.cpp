#include "app/ledger_api/usage_reconcile.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "app/base/json_members.hpp"
#include "app/base/terminal_text.hpp"
#include "app/ledger_api/usage_json.hpp"

namespace app {
namespace {

namespace json = boost::json;
using usage::call_difference;
using usage::reconciliation;
using usage::token_sums;

json::object sums(const token_sums& tokens) {
  return {{"input_tokens", tokens.input()},         {"input_uncached_tokens", tokens.input_uncached},
          {"cache_read_tokens", tokens.cache_read}, {"cache_write_tokens", tokens.cache_write},
          {"output_tokens", tokens.output},         {"thinking_tokens", tokens.thinking}};
}

json::object side(const token_sums& tokens, std::size_t calls) {
  json::object made = sums(tokens);
  made["calls"] = calls;
  return made;
}

json::value side_of_call(const std::optional<usage::token_usage>& tokens) {
  if (!tokens) return nullptr;
  token_sums made;
  made += *tokens;
  return sums(made);
}

json::object difference(const call_difference& each) {
  return {{"cause", to_string(each.cause)},
          {"explained", explained(each.cause)},
          {"exchange_id", each.row == 0 ? json::value(nullptr) : json::value(each.row)},
          {"response_id", text_or_null(each.response_id)},
          {"trace_id", text_or_null(each.trace_id)},
          {"model", text_or_null(each.model)},
          {"conversation", text_or_null(each.conversation)},
          {"wire", side_of_call(each.wire)},
          {"server", side_of_call(each.server)}};
}

/// Faults first: they must not fall behind the limit.
std::vector<const call_difference*> faults_first(const reconciliation& compared) {
  std::vector<const call_difference*> all;
  for (const bool wanted : {false, true}) {
    for (const call_difference& each : compared.differences)
      if (explained(each.cause) == wanted) all.push_back(&each);
  }
  return all;
}

json::object conversation(const reconciliation& compared) {
  json::array differences;
  for (const call_difference* each : faults_first(compared))
    if (differences.size() < max_differences) differences.push_back(difference(*each));
  return {{"conversation", compared.conversation.empty() ? json::string("unattributed") : text(compared.conversation)},
          {"reconciled", compared.reconciled()},
          {"intercepted", compared.intercepted},
          {"listed", compared.listed()},
          {"wire", side(compared.wire, compared.wire_calls)},
          {"server", side(compared.server, compared.server_calls)},
          {"matched", compared.matched},
          {"unexplained", compared.unexplained()},
          {"differences", std::move(differences)},
          {"differences_total", compared.differences.size()}};
}

struct sum_of_all {
  token_sums wire, server;
  std::size_t wire_calls = 0, server_calls = 0, matched = 0, differences = 0, unexplained = 0, not_intercepted = 0,
              unlisted = 0;

  void add(const reconciliation& compared) {
    add(wire, compared.wire);
    add(server, compared.server);
    wire_calls += compared.wire_calls;
    server_calls += compared.server_calls;
    matched += compared.matched;
    differences += compared.differences.size();
    unexplained += compared.unexplained();
    not_intercepted += !compared.intercepted;
    unlisted += !compared.listed() && !compared.conversation.empty();
  }

 private:
  static void add(token_sums& sums, const token_sums& from) {
    sums.input_uncached += from.input_uncached;
    sums.cache_read += from.cache_read;
    sums.cache_write += from.cache_write;
    sums.output += from.output;
    sums.thinking += from.thinking;
  }
};

json::object attribution(const usage::attribution_counts& counts) {
  return {{"rows", counts.rows},
          {"placed_late", counts.late},
          {"disputed", counts.disputed},
          {"waiting", counts.waiting},
          {"forgotten_rows", counts.forgotten_rows},
          {"forgotten_ids", counts.forgotten_ids},
          {"overlong_ids", counts.overlong_ids}};
}

std::string words(const json::object& from, std::string_view member) {
  const auto* value = from.if_contains(member);
  return value != nullptr && value->is_string() ? one_line(value->get_string()) : std::string("-");
}

std::string tokens_text(const json::object& from, std::string_view member) {
  const auto* value = from.if_contains(member);
  if (value == nullptr || !value->is_object()) return "nothing";
  const auto& side = value->get_object();
  return fmt::format("{} in, {} out", number_member(side, "input_tokens"), number_member(side, "output_tokens"));
}

std::string difference_text(const json::object& each) {
  return fmt::format("    {}{}: wire {}, server {} (response {}, trace {})\n",
                     truth_member(each, "explained") ? "" : "! ", words(each, "cause"), tokens_text(each, "wire"),
                     tokens_text(each, "server"), words(each, "response_id"), words(each, "trace_id"));
}

std::string conversation_text(const json::object& compared) {
  const std::string_view verdict = !truth_member(compared, "intercepted")  ? "NOT INTERCEPTED"
                                   : !truth_member(compared, "reconciled") ? "DIFFERS"
                                   : truth_member(compared, "listed")      ? "ok"
                                                                           : "not listed by the server";
  std::string out =
      fmt::format("{}  {}: {} matched; wire {}, server {}\n", words(compared, "conversation"), verdict,
                  number_member(compared, "matched"), tokens_text(compared, "wire"), tokens_text(compared, "server"));
  for (const auto& each : array_member(compared, "differences"))
    if (each.is_object()) out += difference_text(each.get_object());
  return out;
}

}  // namespace

json::object render_reconciliation(const reconcile_report& report) {
  sum_of_all total;
  json::array listed;
  for (const reconciliation& each : report.conversations) {
    total.add(each);
    listed.push_back(conversation(each));
  }
  json::object totals{{"wire", side(total.wire, total.wire_calls)},
                      {"server", side(total.server, total.server_calls)},
                      {"matched", total.matched},
                      {"differences", total.differences},
                      {"unexplained", total.unexplained},
                      {"not_intercepted", total.not_intercepted},
                      {"not_listed", total.unlisted}};
  json::object server{{"configured", report.server.configured},
                      {"cascades", report.server.cascades},
                      {"whole", report.server.whole},
                      {"error", text_or_null(report.server.error)}};
  return {{"object", "usage.reconciliation"},
          {"reconciled", total.unexplained == 0},
          {"intercepted", total.not_intercepted == 0},
          {"totals", std::move(totals)},
          {"language_server", std::move(server)},
          {"attribution", attribution(report.attribution)},
          {"data", std::move(listed)},
          {"has_more", report.has_more}};
}

bool reconciled(const json::object& document) {
  return truth_member(document, "reconciled") && truth_member(document, "intercepted");
}

std::string reconciliation_text(const json::object& document) {
  std::string out;
  for (const auto& each : array_member(document, "data"))
    if (each.is_object()) out += conversation_text(each.get_object());
  if (const auto error = words(object_member(document, "language_server"), "error"); error != "-")
    out += "the language server was not asked, or not for everything: " + error + "\n";
  if (const auto unlisted = number_member(object_member(document, "totals"), "not_listed"); unlisted != 0)
    out += fmt::format("of {} conversations the server lists nothing\n", unlisted);
  if (truth_member(document, "has_more")) out += "there is more than was compared: give --conversation\n";
  const auto& totals = object_member(document, "totals");
  out += fmt::format("{}: {} calls matched, {} differences, {} unexplained; wire {}, server {}\n",
                     !truth_member(document, "intercepted") ? "NOT INTERCEPTED"
                     : truth_member(document, "reconciled") ? "reconciled"
                                                            : "NOT RECONCILED",
                     number_member(totals, "matched"), number_member(totals, "differences"),
                     number_member(totals, "unexplained"), tokens_text(totals, "wire"), tokens_text(totals, "server"));
  return out;
}

}  // namespace app
