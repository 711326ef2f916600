#pragma once

// Everything that clients may see of a cascade at one moment. Steps and records are immutable and shared between one
// moment and the next, so that a change costs what it touches and an older moment can be compared by address: this is
// what both streams make their updates from.

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/gemini_coder.pb.h"

namespace sim::ls {

namespace cortex = exa::cortex_pb;

template <class Message>
using shared_list = std::vector<std::shared_ptr<const Message>>;

struct transcript {
  std::string cascade_id;
  std::string trajectory_id;
  std::string title;
  std::int64_t created_at = 0;  // Unix seconds
  cortex::CascadeRunStatus status = cortex::CASCADE_RUN_STATUS_UNSPECIFIED;
  std::optional<bool> fully_idle;
  shared_list<gemini_coder::Step> steps;
  shared_list<cortex::CortexStepGeneratorMetadata> generator_metadata;
  shared_list<cortex::ExecutorMetadata> executor_metadata;
  shared_list<gemini_coder::Step> queued_steps;

  /// Its index.
  std::uint32_t append(gemini_coder::Step step) {
    steps.push_back(std::make_shared<const gemini_coder::Step>(std::move(step)));
    return static_cast<std::uint32_t>(steps.size() - 1);
  }

  template <class Change>
  void edit(std::uint32_t index, Change&& change) {
    auto next = std::make_shared<gemini_coder::Step>(*steps.at(index));
    change(*next);
    steps[index] = std::move(next);
  }
};

/// Of an idle cascade; `giant_bytes` of earlier turns come with it, shared by all cascades that have as many.
transcript new_transcript(std::string cascade_id, std::size_t giant_bytes);

/// Everything, as GetCascadeTrajectory tells it.
gemini_coder::Trajectory whole_trajectory(const transcript&);

}  // namespace sim::ls
