#include "app/ledger_api/usage_conversation.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "app/ledger_api/usage_api.hpp"
#include "app/ledger_api/usage_json.hpp"
#include "usage/attribution/turns.hpp"

namespace app {
namespace {

namespace json = boost::json;
using usage::conversation_record;
using usage::usage_record;

json::object totals_object(const usage::usage_totals& totals) {
  json::object out;
  add_sums(out, totals);
  return out;
}

using row_list = std::vector<const usage_record*>;

template <class Key>
json::array grouped(const row_list& rows, std::string_view member, Key key) {
  std::map<std::string, usage::usage_totals> groups;
  for (const usage_record* row : rows) usage::add_row(groups[key(*row)], *row);
  json::array listed;
  for (const auto& [name, group] : groups) {
    json::object entry = totals_object(group);
    entry[member] = text_or_null(name);
    listed.push_back(std::move(entry));
  }
  return listed;
}

const std::string& model_of(const usage_record& row) {
  return row.requested_model.empty() ? row.served_model : row.requested_model;
}

/// Attempts of one logical request, in the order of their begin; a row of none stands for itself.
json::array calls_of(const row_list& rows) {
  std::map<std::string, std::size_t> places;
  std::vector<row_list> calls;
  for (const usage_record* row : rows) {
    const auto [known, fresh] = places.try_emplace(row->logical_request, calls.size());
    if (row->logical_request.empty() || fresh) {
      if (!row->logical_request.empty()) known->second = calls.size();
      calls.emplace_back();
      calls.back().push_back(row);
    } else {
      calls[known->second].push_back(row);
    }
  }
  json::array listed;
  for (const row_list& attempts : calls) {
    usage::usage_totals used;
    json::array each;
    for (const usage_record* row : attempts) {
      usage::add_row(used, *row);
      each.push_back(exchange_object(*row));
    }
    listed.push_back({{"logical_request", text_or_null(attempts.front()->logical_request)},
                      {"request_kind", text_or_null(attempts.front()->request_kind)},
                      {"trajectory_id", text_or_null(attempts.front()->trajectory_id)},
                      {"step", number_or_null(attempts.front()->step)},
                      {"model", text_or_null(model_of(*attempts.front()))},
                      {"usage", totals_object(used)},
                      {"attempts", std::move(each)}});
  }
  return listed;
}

json::object turn_object(const usage::conversation_turn& turn, const row_list& own, const row_list& of_sub_agents) {
  usage::usage_totals used, below;
  for (const usage_record* row : own) usage::add_row(used, *row);
  for (const usage_record* row : of_sub_agents) usage::add_row(below, *row);
  json::value total_ms = nullptr;
  if (turn.ended_at) total_ms = *turn.ended_at - turn.began_at;
  row_list all = own;
  all.insert(all.end(), of_sub_agents.begin(), of_sub_agents.end());
  return {{"request_id", text_or_null(turn.request_id)},
          {"first_step", turn.first_step},
          {"began_at_ms", turn.began_at},
          {"first_token_ms", number_or_null(turn.first_token_ms)},
          {"total_ms", total_ms},
          {"outcome", text_or_null(turn.outcome)},
          {"usage", totals_object(used)},
          {"sub_agent_usage", totals_object(below)},
          {"calls", calls_of(all)}};
}

json::array sub_agents(const conversation_record& record) {
  json::array listed;
  for (const usage::sub_agent& each : record.sub_agents)
    listed.push_back({{"conversation", text(each.name)}, {"usage", totals_object(each.totals)}});
  return listed;
}

struct rows_of_turn {
  row_list own;
  row_list of_sub_agents;
};

}  // namespace

json::object render_conversation(const conversation_record& record) {
  std::unordered_set<std::string_view> inner;
  for (const usage::sub_agent& each : record.sub_agents) inner.insert(each.name);
  const auto turns = usage::turns_of(record.rows, record.turns, record.calls);
  std::vector<rows_of_turn> by_turn(record.turns.size());
  row_list model_calls, others;
  for (std::size_t i = 0; i < record.rows.size(); ++i) {
    const usage_record& row = record.rows[i];
    if (row.kind != usage::call_kind::model) continue;
    model_calls.push_back(&row);
    if (!turns[i]) {
      others.push_back(&row);
    } else {
      (inner.contains(row.trajectory_id) ? by_turn[*turns[i]].of_sub_agents : by_turn[*turns[i]].own).push_back(&row);
    }
  }
  json::array listed;
  for (std::size_t i = 0; i < by_turn.size(); ++i)
    listed.push_back(turn_object(record.turns[i], by_turn[i].own, by_turn[i].of_sub_agents));
  return {
      {"object", "usage.conversation"},
      {"id", text(record.id)},
      {"parent", text_or_null(record.parent)},
      {"usage", totals_object(record.totals)},
      {"models", grouped(model_calls, "model", model_of)},
      {"request_kinds", grouped(model_calls, "request_kind", [](const usage_record& row) { return row.request_kind; })},
      {"turns", std::move(listed)},
      {"other_calls", calls_of(others)},
      {"sub_agents", sub_agents(record)},
      {"has_more", record.has_more}};
}

}  // namespace app
