#include "cascade/core/cascade_view.hpp"

#include <algorithm>
#include <utility>

#include "cascade/core/sparse_list.hpp"

namespace cascade {

using exa::cortex_pb::CASCADE_RUN_STATUS_IDLE;
using exa::cortex_pb::CASCADE_RUN_STATUS_UNSPECIFIED;
using exa::jetski_cortex_pb::TrajectoryUpdate;

changes cascade_view::reset() {
  awaiting_snapshot_ = true;
  changes_.clear();
  return {};
}

bool cascade_view::in_order(std::uint64_t version) {
  const std::uint64_t before = std::exchange(version_, version);
  if (awaiting_snapshot_ || version == 0 || before == 0) return true;
  if (version == before + 1) {
    gaps_in_a_row_ = 0;
    return true;
  }
  if (version <= before) return false;
  // Otherwise a server that never counts by one would be resubscribed for ever.
  if (gaps_in_a_row_ == max_gaps_in_a_row) return true;
  ++gaps_in_a_row_;
  return false;
}

// Walking the state for every update would take quadratic time. It is walked when updates may have filled an eighth of
// the remaining room (small fields take several times their wire size), but at most once per 1/64 of the limit.
void cascade_view::measure(std::size_t added) {
  unmeasured_bytes_ += added;
  const std::size_t left = limits_.max_bytes - std::min(measured_bytes_, limits_.max_bytes);
  if (unmeasured_bytes_ < std::max(left / 8, limits_.max_bytes / 64)) return;
  measured_bytes_ = state_.SpaceUsedLong();
  unmeasured_bytes_ = 0;
  too_large_ = measured_bytes_ > limits_.max_bytes;
}

std::size_t cascade_view::bytes_held() const {
  return state_.SpaceUsedLong() + changes_.bytes_held();
}

diff_counts cascade_view::counts() const {
  diff_counts sum = applier_.counts();
  sum.out_of_range += sparse_counts_.out_of_range;
  sum.refused += sparse_counts_.refused;
  return sum;
}

void cascade_view::start_over() {
  // Clear() would keep the memory of the old state.
  state_type().Swap(&state_);
  unmeasured_bytes_ = measured_bytes_ = 0;
  too_large_ = false;
  changes_.add_everything();
}

result<changes> cascade_view::apply(reactive_update&& update) {
  changes_.clear();
  if (!in_order(update.version())) return errc::version_gap;
  if (std::exchange(awaiting_snapshot_, false) || update.has_full_state()) {
    start_over();
  }
  if (update.has_full_state()) {
    if (!state_.ParseFromString(update.full_state())) {
      start_over();
      return errc::malformed;
    }
    state_.DiscardUnknownFields();
  }
  if (!changes_.everything()) changes_.collect(update.diff());
  const std::size_t size = update.ByteSizeLong();
  applier_.apply(state_, std::move(*update.mutable_diff()));
  measure(size);
  if (too_large_) return errc::too_large;
  return changes_.view();
}

changes cascade_view::apply(agent_update&& update) {
  changes_.clear();
  measure(update.ByteSizeLong());
  if (std::exchange(awaiting_snapshot_, false)) changes_.add_everything();
  if (!update.conversation_id().empty()) state_.set_cascade_id(update.conversation_id());
  if (!update.trajectory_id().empty()) state_.mutable_trajectory()->set_trajectory_id(update.trajectory_id());
  take_status(update);
  if (update.has_main_trajectory_update()) take_trajectory(*update.mutable_main_trajectory_update());
  return changes_.view();
}

void cascade_view::take_status(agent_update& update) {
  if (update.status() != CASCADE_RUN_STATUS_UNSPECIFIED) {
    state_.set_status(update.status());
    // Absent means unchanged, except that a busy run is not idle.
    if (update.status() != CASCADE_RUN_STATUS_IDLE && state_.has_fully_idle()) state_.set_fully_idle(false);
    changes_.add_status();
  }
  if (update.executable_status() != CASCADE_RUN_STATUS_UNSPECIFIED) {
    state_.set_executable_status(update.executable_status());
  }
  if (update.executor_loop_status() != CASCADE_RUN_STATUS_UNSPECIFIED) {
    state_.set_executor_loop_status(update.executor_loop_status());
  }
  if (update.has_fully_idle()) {
    state_.set_fully_idle(update.fully_idle());
    changes_.add_status();
  }
  if (update.has_executor_metadata()) {
    state_.mutable_executor_metadata()->Swap(update.mutable_executor_metadata());
    state_.mutable_executor_metadata()->DiscardUnknownFields();
    changes_.add_status();
  }
}

void cascade_view::take_trajectory(TrajectoryUpdate& update) {
  auto& trajectory = *state_.mutable_trajectory();
  const std::uint32_t max_length = limits_.diff.max_length;
  if (update.has_steps_update()) {
    auto& steps = *update.mutable_steps_update();
    apply_sparse(*trajectory.mutable_steps(), *steps.mutable_steps(),
                 {steps.indices(), steps.total_length(), max_length}, sparse_counts_,
                 [this](std::uint32_t index) { changes_.add_step(index); });
    changes_.add_length();
  }
  if (update.has_generator_metadatas_update()) {
    auto& calls = *update.mutable_generator_metadatas_update();
    apply_sparse(*trajectory.mutable_generator_metadata(), *calls.mutable_generator_metadatas(),
                 {calls.indices(), calls.total_length(), max_length}, sparse_counts_,
                 [this](std::uint32_t index) { changes_.add_generator_metadata(index); });
  }
  if (update.has_executor_metadatas_update()) {
    auto& runs = *update.mutable_executor_metadatas_update();
    apply_sparse(*trajectory.mutable_executor_metadatas(), *runs.mutable_executor_metadatas(),
                 {runs.indices(), runs.total_length(), max_length}, sparse_counts_, [](std::uint32_t) {});
    changes_.add_status();
  }
}

changes cascade_view::apply_steps(std::uint32_t offset, steps_answer&& answer) {
  changes_.clear();
  measure(answer.ByteSizeLong());
  auto& steps = *state_.mutable_trajectory()->mutable_steps();
  place_at(steps, *answer.mutable_steps(), {offset, limits_.diff.max_length}, sparse_counts_,
           [this](std::uint32_t index) { changes_.add_step(index); });
  changes_.add_length();
  return changes_.view();
}

changes cascade_view::apply_generator_metadata(std::uint32_t offset, generator_answer&& answer) {
  changes_.clear();
  measure(answer.ByteSizeLong());
  auto& calls = *state_.mutable_trajectory()->mutable_generator_metadata();
  place_at(calls, *answer.mutable_generator_metadata(), {offset, limits_.diff.max_length}, sparse_counts_,
           [this](std::uint32_t index) { changes_.add_generator_metadata(index); });
  return changes_.view();
}

changes cascade_view::apply(const trajectory_answer& answer) {
  changes_.clear();
  auto& trajectory = *state_.mutable_trajectory();
  if (answer.status() != CASCADE_RUN_STATUS_UNSPECIFIED) state_.set_status(answer.status());
  if (!answer.trajectory().trajectory_id().empty()) {
    trajectory.set_trajectory_id(answer.trajectory().trajectory_id());
  }
  if (!answer.trajectory().executor_metadatas().empty()) {
    *trajectory.mutable_executor_metadatas() = answer.trajectory().executor_metadatas();
  }
  const std::uint32_t total = answer.num_total_steps();
  if (total != 0 && total < static_cast<std::uint32_t>(trajectory.steps_size())) {
    set_length(*trajectory.mutable_steps(), total);
    changes_.add_length();
  }
  changes_.add_status();
  return changes_.view();
}

}  // namespace cascade
