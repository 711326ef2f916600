#include "test/sim/language_server/transcript.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "test/sim/language_server/unique_id.hpp"

namespace sim::ls {
namespace {

constexpr std::size_t giant_step_bytes = 64 * 1024;

gemini_coder::Step old_step(cortex::CortexStepType type) {
  gemini_coder::Step step;
  step.set_type(type);
  step.set_status(cortex::CORTEX_STEP_STATUS_DONE);
  return step;
}

/// Turns of long ago.
shared_list<gemini_coder::Step> make_giant(std::size_t bytes) {
  transcript old;
  while (bytes > 0) {
    auto asked = old_step(cortex::CORTEX_STEP_TYPE_USER_INPUT);
    asked.mutable_user_input()->add_items()->set_text("Go on.");
    old.append(std::move(asked));
    const auto size = std::min(bytes, giant_step_bytes);
    auto said = old_step(cortex::CORTEX_STEP_TYPE_PLANNER_RESPONSE);
    said.mutable_planner_response()->set_response(std::string(size, 'x'));
    old.append(std::move(said));
    bytes -= size;
  }
  return old.steps;
}

shared_list<gemini_coder::Step> giant(std::size_t bytes) {
  static std::mutex mutex;
  static std::map<std::size_t, shared_list<gemini_coder::Step>> made;
  const std::scoped_lock lock(mutex);
  const auto [entry, fresh] = made.try_emplace(bytes);
  if (fresh) entry->second = make_giant(bytes);
  return entry->second;
}

}  // namespace

transcript new_transcript(std::string cascade_id, std::size_t giant_bytes) {
  transcript fresh;
  fresh.cascade_id = std::move(cascade_id);
  fresh.trajectory_id = unique_id();
  fresh.created_at = std::time(nullptr);
  fresh.status = cortex::CASCADE_RUN_STATUS_IDLE;
  fresh.fully_idle = true;
  if (giant_bytes > 0) fresh.steps = giant(giant_bytes);
  return fresh;
}

gemini_coder::Trajectory whole_trajectory(const transcript& from) {
  gemini_coder::Trajectory whole;
  whole.set_trajectory_id(from.trajectory_id);
  whole.set_cascade_id(from.cascade_id);
  whole.set_trajectory_type(cortex::CORTEX_TRAJECTORY_TYPE_CASCADE);
  whole.set_source(cortex::CORTEX_TRAJECTORY_SOURCE_CASCADE_CLIENT);
  whole.mutable_metadata()->mutable_created_at()->set_seconds(from.created_at);
  for (const auto& step : from.steps) *whole.add_steps() = *step;
  for (const auto& call : from.generator_metadata) *whole.add_generator_metadata() = *call;
  for (const auto& run : from.executor_metadata) *whole.add_executor_metadatas() = *run;
  return whole;
}

}  // namespace sim::ls
