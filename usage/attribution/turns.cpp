#include "usage/attribution/turns.hpp"

#include <string>
#include <unordered_map>

#include "usage/trace_id.hpp"

namespace usage {
namespace {

using index = std::optional<std::size_t>;

class turn_finder {
 public:
  turn_finder(std::span<const conversation_turn> turns, std::span<const server_call> calls) : turns_(turns) {
    std::unordered_map<std::string, std::size_t> by_request;
    for (std::size_t i = 0; i < turns.size(); ++i) by_request.emplace(turns[i].request_id, i);
    for (const server_call& call : calls) {
      const auto turn = by_request.find(call.request_id);
      if (turn == by_request.end()) continue;
      if (!call.response_id.empty()) by_response_.emplace(call.response_id, turn->second);
      if (!call.trace_id.empty()) by_trace_.emplace(plain_trace(call.trace_id), turn->second);
    }
  }

  index find(const usage_record& row) const {
    if (const auto found = by_response_.find(row.response_id); found != by_response_.end()) return found->second;
    if (const auto found = by_trace_.find(plain_trace(row.trace_id)); found != by_trace_.end()) return found->second;
    return by_step(row);
  }

 private:
  /// The last turn that began at or before that step, unless it had ended when the call began. Then the step belongs to
  /// a turn that did not come through the API.
  index by_step(const usage_record& row) const {
    index found;
    if (!row.step) return found;
    for (std::size_t i = 0; i < turns_.size(); ++i)
      if (turns_[i].first_step <= *row.step && (!found || turns_[*found].first_step <= turns_[i].first_step)) found = i;
    if (found && turns_[*found].ended_at.value_or(row.started_at) < row.started_at) found.reset();
    return found;
  }

  std::span<const conversation_turn> turns_;
  std::unordered_map<std::string, std::size_t> by_response_;
  std::unordered_map<std::string, std::size_t> by_trace_;
};

}  // namespace

std::vector<std::optional<std::size_t>> turns_of(std::span<const usage_record> rows,
                                                 std::span<const conversation_turn> turns,
                                                 std::span<const server_call> calls) {
  const turn_finder finder(turns, calls);
  std::vector<index> found;
  found.reserve(rows.size());
  for (const usage_record& row : rows) found.push_back(finder.find(row));
  return found;
}

}  // namespace usage
