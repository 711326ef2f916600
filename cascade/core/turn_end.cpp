#include "cascade/core/turn_end.hpp"

#include "cascade/core/error_details.hpp"
#include "cascade/core/step_kind.hpp"

namespace cascade {
namespace {

using exa::cortex_pb::ExecutorMetadata;
using exa::jetski_cortex_pb::CascadeState;
using gemini_coder::Step;
using namespace exa::cortex_pb;
namespace common = exa::codeium_common_pb;

bool belongs(const ExecutorMetadata& run, const turn_scope& turn) {
  if (run.termination_reason() == EXECUTOR_TERMINATION_REASON_UNSPECIFIED) return false;
  if (!run.execution_id().empty() && run.execution_id() == turn.execution_id) return true;
  return run.last_step_idx() >= 0 && static_cast<std::uint32_t>(run.last_step_idx()) >= turn.first_step;
}

const Step* last_reply(const CascadeState& state, const turn_scope& turn) {
  const auto& steps = state.trajectory().steps();
  if (!turn.last_reply || *turn.last_reply >= static_cast<std::uint32_t>(steps.size())) return nullptr;
  return &steps.Get(static_cast<int>(*turn.last_reply));
}

bool is_failure(const Step& step) {
  const auto* error = error_of(step);
  if (kind_of(step) == step_kind::error) return !error || !error->is_benign();
  return status_of(step) == step_status::error;
}

finish_reason reason_of_reply(const Step* reply) {
  if (!reply) return finish_reason::stop;
  switch (reply->planner_response().stop_reason()) {
    case common::STOP_REASON_MAX_TOKENS:
      return finish_reason::length;
    case common::STOP_REASON_CONTENT_FILTER:
      return finish_reason::content_filter;
    case common::STOP_REASON_CLIENT_CANCELED:
      return finish_reason::canceled;
    default:
      return status_of(*reply) == step_status::canceled ? finish_reason::canceled : finish_reason::stop;
  }
}

failed failure(const CascadeState& state, const turn_scope& turn) {
  const auto& steps = state.trajectory().steps();
  for (int i = steps.size() - 1; i >= 0 && static_cast<std::uint32_t>(i) >= turn.first_step; --i) {
    if (const auto* error = error_of(steps.Get(i))) return failure_of(static_cast<std::uint32_t>(i), *error);
  }
  return {.step = turn.last_reply.value_or(turn.first_step)};
}

}  // namespace

const ExecutorMetadata* executor_of(const CascadeState& state, const turn_scope& turn) {
  if (belongs(state.executor_metadata(), turn)) return &state.executor_metadata();
  const auto& runs = state.trajectory().executor_metadatas();
  return !runs.empty() && belongs(*runs.rbegin(), turn) ? &*runs.rbegin() : nullptr;
}

event end_of(const CascadeState& state, const turn_scope& turn) {
  const ExecutorMetadata* run = executor_of(state, turn);
  const Step* reply = last_reply(state, turn);
  switch (run ? run->termination_reason() : EXECUTOR_TERMINATION_REASON_UNSPECIFIED) {
    case EXECUTOR_TERMINATION_REASON_ERROR:
      return failure(state, turn);
    case EXECUTOR_TERMINATION_REASON_USER_CANCELED:
      return finished{finish_reason::canceled};
    case EXECUTOR_TERMINATION_REASON_MAX_INVOCATIONS:
    case EXECUTOR_TERMINATION_REASON_MAX_FORCED_INVOCATIONS:
      return finished{finish_reason::max_invocations};
    default:
      if (reply && is_failure(*reply)) return failure(state, turn);
      return finished{reason_of_reply(reply)};
  }
}

}  // namespace cascade
