#include "cascade/core/step_kind.hpp"

#include <algorithm>

#include "net/text/ascii.hpp"

namespace cascade {
namespace {

using gemini_coder::Step;
using namespace exa::cortex_pb;

step_kind kind_of_type(const Step& step) {
  switch (step.type()) {
    case CORTEX_STEP_TYPE_PLANNER_RESPONSE:
      return step_kind::reply;
    case CORTEX_STEP_TYPE_ERROR_MESSAGE:
      return step_kind::error;
    case CORTEX_STEP_TYPE_USER_INPUT:
    case CORTEX_STEP_TYPE_CHECKPOINT:
    case CORTEX_STEP_TYPE_KNOWLEDGE_GENERATION:
    case CORTEX_STEP_TYPE_EPHEMERAL_MESSAGE:
    case CORTEX_STEP_TYPE_CONVERSATION_HISTORY:
    case CORTEX_STEP_TYPE_KNOWLEDGE_ARTIFACTS:
    case CORTEX_STEP_TYPE_SYSTEM_MESSAGE:
      return step_kind::other;
    default:
      break;
  }
  // An unknown type of a newer build is a tool if the model called it.
  const bool known_tool = step.type() != CORTEX_STEP_TYPE_UNSPECIFIED && CortexStepType_IsValid(step.type());
  return known_tool || step.metadata().has_tool_call() ? step_kind::tool : step_kind::other;
}

}  // namespace

step_kind kind_of(const Step& step) {
  switch (step.step_case()) {
    case Step::kPlannerResponse:
      return step_kind::reply;
    case Step::kErrorMessage:
      return step_kind::error;
    case Step::kUserInput:
    case Step::kCheckpoint:
    case Step::kFinish:
    case Step::kEphemeralMessage:
    case Step::kConversationHistory:
    case Step::kSystemMessage:
      return step_kind::other;
    case Step::STEP_NOT_SET:
      return kind_of_type(step);
    default:
      return step_kind::tool;
  }
}

step_status status_of(const Step& step) {
  switch (step.status()) {
    case CORTEX_STEP_STATUS_PENDING:
    case CORTEX_STEP_STATUS_QUEUED:
      return step_status::pending;
    case CORTEX_STEP_STATUS_RUNNING:
    case CORTEX_STEP_STATUS_GENERATING:
      return step_status::running;
    case CORTEX_STEP_STATUS_WAITING:
      return step_status::waiting;
    case CORTEX_STEP_STATUS_DONE:
      return step_status::done;
    case CORTEX_STEP_STATUS_INVALID:
    case CORTEX_STEP_STATUS_CLEARED:
    case CORTEX_STEP_STATUS_CANCELED:
    case CORTEX_STEP_STATUS_INTERRUPTED:
      return step_status::canceled;
    case CORTEX_STEP_STATUS_ERROR:
      return step_status::error;
    default:
      return step_status::unknown;
  }
}

bool terminal(step_status status) {
  return status == step_status::done || status == step_status::canceled || status == step_status::error;
}

std::string_view reply_text(const Step& step) {
  const auto& reply = step.planner_response();
  return reply.modified_response().empty() ? reply.response() : reply.modified_response();
}

std::string_view reply_reasoning(const Step& step) {
  return step.planner_response().thinking();
}

std::string tool_name(const Step& step) {
  const std::string& called = step.metadata().tool_call().name();
  if (!called.empty()) return called;
  if (!CortexStepType_IsValid(step.type()) || step.type() == CORTEX_STEP_TYPE_UNSPECIFIED) {
    const auto* content = Step::descriptor()->FindFieldByNumber(step.step_case());
    return content ? content->name() : "unknown_tool";
  }
  constexpr std::string_view prefix = "CORTEX_STEP_TYPE_";
  return net::text::lowered(CortexStepType_Name(step.type()).substr(prefix.size()));
}

std::string_view tool_arguments(const Step& step) {
  const auto& metadata = step.metadata();
  return metadata.has_modified_tool_call() ? metadata.modified_tool_call().arguments_json()
                                           : metadata.tool_call().arguments_json();
}

interaction_kind interaction_of(const Step& step) {
  if (step.has_run_command() || step.type() == CORTEX_STEP_TYPE_RUN_COMMAND) return interaction_kind::run_command;
  if (step.has_mcp_tool() || step.type() == CORTEX_STEP_TYPE_MCP_TOOL) return interaction_kind::mcp;
  if (step.has_read_url_content() || step.type() == CORTEX_STEP_TYPE_READ_URL_CONTENT) {
    return interaction_kind::read_url_content;
  }
  if (step.has_browser_subagent() || step.type() == CORTEX_STEP_TYPE_BROWSER_SUBAGENT) return interaction_kind::browser;
  switch (step.type()) {
    case CORTEX_STEP_TYPE_CODE_ACTION:
    case CORTEX_STEP_TYPE_VIEW_FILE:
    case CORTEX_STEP_TYPE_LIST_DIRECTORY:
    case CORTEX_STEP_TYPE_GREP_SEARCH:
    case CORTEX_STEP_TYPE_FIND:
      return interaction_kind::file_permission;
    default:
      return interaction_kind::unknown;
  }
}

}  // namespace cascade
