#include "test/sim/language_server/turn_record.hpp"

#include <algorithm>

#include "test/sim/language_server/calls/call_records.hpp"
#include "test/sim/language_server/unique_id.hpp"

namespace sim::ls {
namespace {

constexpr std::string_view command_line = R"({"CommandLine":"ls -l","Cwd":"/workspace"})";
constexpr std::string_view sub_agent_task = "Look into it and report.";

/// Of an earlier turn: the provider simulator would do again what that turn asked it to.
std::string without_marker(std::string text) {
  constexpr std::string_view opening = "[[sim:";
  for (auto at = text.find(opening); at != text.npos; at = text.find(opening))
    text.replace(at, opening.size(), "[sim ");
  return text;
}

void add_message(std::vector<message>& messages, const gemini_coder::Step& step) {
  if (step.has_user_input() && step.user_input().items_size() > 0)
    messages.push_back({"user", without_marker(step.user_input().items(0).text())});
  if (step.has_planner_response()) messages.push_back({"model", step.planner_response().response()});
}

google::protobuf::Timestamp now() {
  google::protobuf::Timestamp time;
  time.set_seconds(std::time(nullptr));
  return time;
}

exa::codeium_common_pb::ChatToolCall command_call() {
  exa::codeium_common_pb::ChatToolCall call;
  call.set_id("call_1");
  call.set_name("run_command");
  call.set_arguments_json(std::string(command_line));
  return call;
}

}  // namespace

turn_record::turn_record(live_cascade& cascade, const prompt& said)
    : talk_(cascade.talk()), said_(said), execution_id_(unique_id()) {
  const auto before = talk_.now();
  if (!before->executor_metadata.empty()) last_execution_id_ = before->executor_metadata.back()->execution_id();
}

agent_request turn_record::question() const {
  const auto before = talk_.now();
  agent_request request{.cascade_id = before->cascade_id,
                        .trajectory_id = before->trajectory_id,
                        .last_execution_id = last_execution_id_,
                        .next_step = before->steps.size(),
                        .asked = said_.asked,
                        .messages = {}};
  for (const auto& step : before->steps) add_message(request.messages, *step);
  // Of this turn, with its markers: the last one that is the user's.
  const auto said = std::ranges::find(request.messages.rbegin(), request.messages.rend(), "user", &message::role);
  if (said != request.messages.rend()) said->text = said_.text;
  return request;
}

void turn_record::show(std::string_view text, std::string_view thinking) {
  if (!open_) {
    auto step = new_step(cortex::CORTEX_STEP_TYPE_PLANNER_RESPONSE, cortex::CORTEX_STEP_STATUS_GENERATING);
    step.mutable_planner_response()->set_message_id("bot-" + unique_id());
    begin(std::move(step));
  }
  edit([&](gemini_coder::Step& step) {
    auto& said = *step.mutable_planner_response();
    (said_.behaviour.modified ? said.mutable_modified_response() : said.mutable_response())->assign(text);
    said.set_thinking(std::string(thinking));
  });
}

void turn_record::end_planner(std::string_view text, const call_report& report, bool calls_tool) {
  show(text, report.answer.thinking);
  ++calls_;
  talk_.commit([&](transcript& next) {
    next.edit(*open_, [&](gemini_coder::Step& step) {
      step.set_status(cortex::CORTEX_STEP_STATUS_DONE);
      auto& said = *step.mutable_planner_response();
      said.set_stop_reason(calls_tool ? exa::codeium_common_pb::STOP_REASON_FUNCTION_CALL
                                      : exa::codeium_common_pb::STOP_REASON_STOP_PATTERN);
      if (calls_tool) *said.add_tool_calls() = command_call();
      auto& told = *step.mutable_metadata();
      *told.mutable_finished_generating_at() = *told.mutable_completed_at() = now();
      // A synthetic text cost nothing.
      if (!report.answer.response_id.empty()) *told.mutable_model_usage() = usage_stats(*said_.asked, report);
    });
    if (report.answer.response_id.empty()) return;
    auto record = generator_record(*said_.asked, report);
    record.add_step_indices(*open_);
    record.set_execution_id(execution_id_);
    next.generator_metadata.push_back(std::make_shared<const cortex::CortexStepGeneratorMetadata>(std::move(record)));
  });
  open_.reset();
}

void turn_record::close_open_step(cortex::CortexStepStatus status) {
  if (!open_) return;
  edit([&](gemini_coder::Step& step) { step.set_status(status); });
  open_.reset();
}

void turn_record::begin_command(cortex::CortexStepStatus status) {
  auto step = new_step(cortex::CORTEX_STEP_TYPE_RUN_COMMAND, status);
  step.mutable_run_command();
  *step.mutable_metadata()->mutable_tool_call() = command_call();
  if (status == cortex::CORTEX_STEP_STATUS_WAITING) step.mutable_requested_interaction();
  begin(std::move(step));
}

void turn_record::set_command_status(cortex::CortexStepStatus status) {
  edit([&](gemini_coder::Step& step) {
    step.set_status(status);
    step.clear_requested_interaction();
  });
  if (status != cortex::CORTEX_STEP_STATUS_RUNNING) open_.reset();
}

void turn_record::add_error(const model_failure& failure) {
  auto step = new_step(cortex::CORTEX_STEP_TYPE_ERROR_MESSAGE, cortex::CORTEX_STEP_STATUS_DONE);
  auto& told = *step.mutable_error_message();
  *told.mutable_error() = error_details(failure);
  told.set_should_show_user(true);
  talk_.commit([&](transcript& next) { next.append(std::move(step)); });
}

void turn_record::begin_sub_agent() {
  auto step = new_step(cortex::CORTEX_STEP_TYPE_INVOKE_SUBAGENT, cortex::CORTEX_STEP_STATUS_RUNNING);
  step.mutable_invoke_subagent();
  auto& inner = *step.mutable_subtrajectory();
  inner.set_trajectory_id(unique_id());
  inner.set_cascade_id(talk_.now()->cascade_id);
  inner.set_trajectory_type(cortex::CORTEX_TRAJECTORY_TYPE_CASCADE);
  inner.set_source(cortex::CORTEX_TRAJECTORY_SOURCE_SUBAGENT);
  auto& task = *inner.add_steps();
  task = new_step(cortex::CORTEX_STEP_TYPE_USER_INPUT, cortex::CORTEX_STEP_STATUS_DONE);
  task.mutable_user_input()->add_items()->set_text(std::string(sub_agent_task));
  auto& said = *inner.add_steps();
  said = new_step(cortex::CORTEX_STEP_TYPE_PLANNER_RESPONSE, cortex::CORTEX_STEP_STATUS_GENERATING);
  said.mutable_planner_response();
  begin(std::move(step));
}

agent_request turn_record::sub_agent_question() const {
  const auto before = talk_.now();
  return {.cascade_id = before->cascade_id,
          .trajectory_id = before->steps.at(*open_)->subtrajectory().trajectory_id(),
          .last_execution_id = {},
          .next_step = 1,
          .asked = said_.asked,
          .messages = {{"user", std::string(sub_agent_task)}}};
}

void turn_record::show_sub_agent(std::string_view text) {
  edit([&](gemini_coder::Step& step) {
    step.mutable_subtrajectory()->mutable_steps(1)->mutable_planner_response()->set_response(std::string(text));
  });
}

void turn_record::end_sub_agent(const call_report& report) {
  edit([&](gemini_coder::Step& step) {
    auto& inner = *step.mutable_subtrajectory();
    inner.mutable_steps(1)->set_status(cortex::CORTEX_STEP_STATUS_DONE);
    *inner.mutable_steps(1)->mutable_metadata()->mutable_model_usage() = usage_stats(*said_.asked, report);
    *inner.add_generator_metadata() = generator_record(*said_.asked, report);
    step.set_status(cortex::CORTEX_STEP_STATUS_DONE);
  });
  open_.reset();
}

void turn_record::set_run_status(cortex::CascadeRunStatus status, bool fully_idle) {
  talk_.commit([&](transcript& next) {
    next.status = status;
    next.fully_idle = fully_idle;
  });
}

void turn_record::add_outcome(cortex::ExecutorTerminationReason reason) {
  talk_.commit([&](transcript& next) {
    cortex::ExecutorMetadata outcome;
    outcome.set_termination_reason(reason);
    outcome.set_num_generator_invocations(calls_);
    outcome.set_last_step_idx(static_cast<std::int32_t>(next.steps.size()) - 1);
    outcome.set_execution_id(execution_id_);
    next.executor_metadata.push_back(std::make_shared<const cortex::ExecutorMetadata>(std::move(outcome)));
  });
}

std::uint32_t turn_record::next_index() const {
  return static_cast<std::uint32_t>(talk_.now()->steps.size());
}

gemini_coder::Step turn_record::new_step(cortex::CortexStepType type, cortex::CortexStepStatus status) const {
  gemini_coder::Step step;
  step.set_type(type);
  step.set_status(status);
  auto& told = *step.mutable_metadata();
  *told.mutable_created_at() = now();
  told.set_source(cortex::CORTEX_STEP_SOURCE_MODEL);
  told.set_execution_id(execution_id_);
  told.set_generator_model(static_cast<exa::codeium_common_pb::Model>(said_.asked->number));
  told.mutable_requested_model()->set_model(static_cast<exa::codeium_common_pb::Model>(said_.asked->number));
  return step;
}

void turn_record::begin(gemini_coder::Step step) {
  talk_.commit([&](transcript& next) { open_ = next.append(std::move(step)); });
}

template <class Change>
void turn_record::edit(Change&& change) {
  talk_.commit([&](transcript& next) { next.edit(*open_, change); });
}

}  // namespace sim::ls
