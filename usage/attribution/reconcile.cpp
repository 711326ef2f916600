#include "usage/attribution/reconcile.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "usage/attribution/turns.hpp"
#include "usage/trace_id.hpp"

namespace usage {
namespace {

using namespace std::string_view_literals;

constexpr std::array causes{"interrupted"sv,     "cached_split"sv,       "thinking_split"sv,
                            "unreported"sv,      "background"sv,         "retried"sv,
                            "refused"sv,         "unfinished_turn"sv,    "not_listed"sv,
                            "not_intercepted"sv, "other_conversation"sv, "unexplained"sv};

std::int64_t known(const std::optional<std::int64_t>& tokens) {
  return tokens.value_or(0);
}

bool has_tokens(const token_usage& tokens) {
  return known(tokens.input_total()) != 0 || known(tokens.output_total) != 0;
}

/// A count that one end does not report equals any count of the other.
bool same_thinking(const token_usage& a, const token_usage& b) {
  return !a.thinking || !b.thinking || *a.thinking == *b.thinking;
}

bool same_input(const token_usage& a, const token_usage& b) {
  return known(a.input_uncached) == known(b.input_uncached) && known(a.cache_read) == known(b.cache_read) &&
         known(a.cache_write) == known(b.cache_write);
}

bool same(const token_usage& a, const token_usage& b) {
  return same_input(a, b) && known(a.output_total) == known(b.output_total) && same_thinking(a, b);
}

bool answered(const usage_record& row) {
  return !row.response_id.empty();
}

difference_cause cause_of_numbers(const usage_record& row, const server_call& call) {
  if (row.status == record_status::interrupted) return difference_cause::interrupted;
  if (!has_tokens(row.tokens)) return difference_cause::unreported;
  const bool input = known(row.tokens.input_total()) == known(call.tokens.input_total());
  const bool output = known(row.tokens.output_total) == known(call.tokens.output_total);
  if (!input || !output) return difference_cause::unexplained;
  return same_input(row.tokens, call.tokens) ? difference_cause::thinking_split : difference_cause::cached_split;
}

bool broken_off(const conversation_turn& turn) {
  return turn.outcome == "canceled" || turn.outcome == "abandoned" || turn.outcome == "failed";
}

/// `turn` may be null.
difference_cause cause_of_wire_only(const usage_record& row, const conversation_turn* turn) {
  if (!row.request_kind.empty() && row.request_kind != "agent") return difference_cause::background;
  if (!has_tokens(row.tokens)) return difference_cause::refused;
  if (row.status == record_status::interrupted) return difference_cause::interrupted;
  return turn != nullptr && broken_off(*turn) ? difference_cause::unfinished_turn : difference_cause::not_listed;
}

difference_cause cause_of_server_only(const server_call& call) {
  return call.failed_attempt ? difference_cause::retried : difference_cause::not_intercepted;
}

call_difference difference_of(difference_cause cause, const usage_record* row, const server_call* call) {
  call_difference made;
  made.cause = cause;
  if (row != nullptr) {
    made.row = row->id;
    made.response_id = row->response_id;
    made.trace_id = row->trace_id;
    made.model = row->served_model.empty() ? row->requested_model : row->served_model;
    made.conversation = row->conversation;
    made.wire = row->tokens;
  }
  if (call != nullptr) {
    if (!call->response_id.empty()) made.response_id = call->response_id;
    if (!call->trace_id.empty()) made.trace_id = call->trace_id;
    if (made.model.empty()) made.model = call->model;
    made.server = call->tokens;
  }
  return made;
}

class comparison {
 public:
  comparison(std::string conversation, const both_sides& sides)
      : sides_(sides), rows_(sides.rows), taken_(sides.rows.size()) {
    result_.conversation = std::move(conversation);
    const auto& rows = rows_;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (answered(rows[i])) by_response_[rows[i].response_id].push_back(i);
      if (!rows[i].trace_id.empty()) by_trace_.emplace(plain_trace(rows[i].trace_id), i);
      if (!own(rows[i])) continue;
      ++result_.wire_calls;
      result_.wire += rows[i].tokens;
    }
    // Ids repeat: a listed call is one row, the oldest of its own conversation that no other call is.
    for (auto& [id, same] : by_response_)
      std::ranges::sort(same, {},
                        [&](std::size_t i) { return std::tuple(!own(rows[i]), rows[i].started_at, rows[i].id); });
  }

  void take(const server_call& call) {
    ++result_.server_calls;
    result_.server += call.tokens;
    listed_answers_ += !call.response_id.empty();
    if (const auto at = row_of(call)) {
      taken_[*at] = true;
      seen_answers_ += !call.response_id.empty();
      compare(rows_[*at], call);
    } else if (!call.failed_attempt || has_tokens(call.tokens)) {
      result_.differences.push_back(difference_of(cause_of_server_only(call), nullptr, &call));
    } else {
      ++result_.matched;  // neither end has counts
    }
  }

  reconciliation finish() && {
    const auto turns = turns_of(rows_, sides_.turns, sides_.calls);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (taken_[i] || !own(rows_[i])) continue;
      const conversation_turn* turn = turns[i] ? &sides_.turns[*turns[i]] : nullptr;
      result_.differences.push_back(difference_of(cause_of_wire_only(rows_[i], turn), &rows_[i], nullptr));
    }
    result_.intercepted = listed_answers_ == 0 || seen_answers_ != 0;
    return std::move(result_);
  }

 private:
  bool own(const usage_record& row) const { return row.conversation == result_.conversation; }

  std::optional<std::size_t> row_of(const server_call& call) const {
    if (!call.response_id.empty()) {
      const auto found = by_response_.find(call.response_id);
      if (found == by_response_.end()) return std::nullopt;
      const auto free = std::ranges::find_if(found->second, [&](std::size_t i) { return !taken_[i]; });
      return free == found->second.end() ? std::nullopt : std::optional(*free);
    }
    const auto found = by_trace_.find(plain_trace(call.trace_id));
    return found == by_trace_.end() || taken_[found->second] ? std::nullopt : std::optional(found->second);
  }

  void compare(const usage_record& row, const server_call& call) {
    if (!own(row)) {
      result_.differences.push_back(difference_of(difference_cause::other_conversation, &row, &call));
    } else if (same(row.tokens, call.tokens)) {
      ++result_.matched;
    } else if (call.failed_attempt && row.status == record_status::error) {
      result_.differences.push_back(difference_of(difference_cause::retried, &row, &call));
    } else {
      result_.differences.push_back(difference_of(cause_of_numbers(row, call), &row, &call));
    }
  }

  const both_sides& sides_;
  std::span<const usage_record> rows_;
  std::vector<bool> taken_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_response_;  // in the order in which they are taken
  std::unordered_map<std::string, std::size_t> by_trace_;
  std::size_t listed_answers_ = 0;
  std::size_t seen_answers_ = 0;
  reconciliation result_;
};

}  // namespace

std::string_view to_string(difference_cause cause) {
  return causes.at(static_cast<std::size_t>(cause));
}

token_sums& token_sums::operator+=(const token_usage& tokens) {
  input_uncached += known(tokens.input_uncached);
  cache_read += known(tokens.cache_read);
  cache_write += known(tokens.cache_write);
  output += known(tokens.output_total);
  thinking += known(tokens.thinking);
  return *this;
}

std::size_t reconciliation::unexplained() const {
  if (!listed()) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(differences, [](const call_difference& each) { return !explained(each.cause); }));
}

reconciliation reconcile(std::string conversation, const both_sides& sides) {
  comparison both(std::move(conversation), sides);
  for (const server_call& call : sides.calls) both.take(call);
  return std::move(both).finish();
}

}  // namespace usage
