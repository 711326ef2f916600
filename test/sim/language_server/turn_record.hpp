#pragma once

// What a turn writes into its conversation: one function per thing that the user sees happen. The turn drives it, on
// the strand of its cascade.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "test/sim/language_server/calls/model_call.hpp"
#include "test/sim/language_server/live_cascade.hpp"

namespace sim::ls {

class turn_record {
 public:
  /// `said` must outlive it.
  turn_record(live_cascade&, const prompt& said);

  /// The question for the model, everything said so far in it.
  agent_request question() const;

  // Of one planner step, in this order; a step begins with its first words.
  void show(std::string_view text, std::string_view thinking);
  void end_planner(std::string_view text, const call_report&, bool calls_tool);
  /// Whatever is still open ends so: a planner step, a command, a sub-agent.
  void close_open_step(cortex::CortexStepStatus);

  void begin_command(cortex::CortexStepStatus);
  void set_command_status(cortex::CortexStepStatus);
  void add_error(const model_failure&);

  void begin_sub_agent();
  agent_request sub_agent_question() const;
  void show_sub_agent(std::string_view text);
  void end_sub_agent(const call_report&);

  void set_run_status(cortex::CascadeRunStatus, bool fully_idle);
  void add_outcome(cortex::ExecutorTerminationReason);

  /// Index of the step that the next one to begin gets.
  std::uint32_t next_index() const;

 private:
  gemini_coder::Step new_step(cortex::CortexStepType, cortex::CortexStepStatus) const;
  void begin(gemini_coder::Step);
  template <class Change>
  void edit(Change&&);

  conversation& talk_;
  const prompt& said_;
  std::string execution_id_;
  std::string last_execution_id_;
  std::optional<std::uint32_t> open_;
  int calls_ = 0;
};

}  // namespace sim::ls
