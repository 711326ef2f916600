#pragma once

// Short hands to write the state of a cascade in, and a listener that hears a turn's events as a client would.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cascade/core/event.hpp"
#include "proto/jetski_cortex.pb.h"

namespace support {

using exa::jetski_cortex_pb::CascadeState;
using gemini_coder::Step;

inline Step user_step() {
  Step step;
  step.set_type(exa::cortex_pb::CORTEX_STEP_TYPE_USER_INPUT);
  step.set_status(exa::cortex_pb::CORTEX_STEP_STATUS_DONE);
  step.mutable_user_input()->set_query("say hello");
  return step;
}

inline Step reply_step(std::string text, exa::cortex_pb::CortexStepStatus status, std::string thinking = {}) {
  Step step;
  step.set_type(exa::cortex_pb::CORTEX_STEP_TYPE_PLANNER_RESPONSE);
  step.set_status(status);
  step.mutable_planner_response()->set_response(std::move(text));
  step.mutable_planner_response()->set_thinking(std::move(thinking));
  return step;
}

inline Step tool_call_step(std::string name, exa::cortex_pb::CortexStepStatus status) {
  Step step;
  step.set_type(exa::cortex_pb::CORTEX_STEP_TYPE_RUN_COMMAND);
  step.set_status(status);
  auto& call = *step.mutable_metadata()->mutable_tool_call();
  call.set_id("call-1");
  call.set_name(std::move(name));
  call.set_arguments_json("{\"CommandLine\":\"ls\"}");
  step.mutable_run_command();
  return step;
}

/// Each event as a line, and the texts that a client would show by now.
struct listener {
  std::vector<std::string> lines;
  std::map<std::uint32_t, std::string> texts;
  std::map<std::uint32_t, std::string> reasonings;

  void hear(std::span<const cascade::event> events) {
    for (const cascade::event& event : events) std::visit([this](const auto& e) { on(e); }, event);
  }

  std::vector<std::string> take() { return std::exchange(lines, {}); }

 private:
  template <class... Parts>
  void line(const Parts&... parts) {
    std::string made;
    (made.append(parts), ...);
    lines.push_back(std::move(made));
  }
  static std::string number(std::uint64_t value) { return std::to_string(value); }

  void on(const cascade::text_delta& e) {
    texts[e.step] += e.text;
    line("text ", number(e.step), " +", e.text);
  }
  void on(const cascade::text_rewritten& e) {
    texts[e.step] = e.text;
    line("text ", number(e.step), " =", e.text);
  }
  void on(const cascade::reasoning_delta& e) {
    reasonings[e.step] += e.text;
    line("reasoning ", number(e.step), " +", e.text);
  }
  void on(const cascade::reasoning_rewritten& e) {
    reasonings[e.step] = e.text;
    line("reasoning ", number(e.step), " =", e.text);
  }
  void on(const cascade::tool_step& e) {
    static constexpr const char* words[] = {"unknown", "pending", "running", "waiting", "done", "canceled", "error"};
    line("tool ", number(e.step), " ", e.name, " ", words[static_cast<int>(e.status)]);
  }
  void on(const cascade::waiting& e) {
    static constexpr const char* words[] = {"unknown", "run_command", "file_permission", "read_url", "mcp", "browser"};
    line("waiting ", number(e.step), " ", words[static_cast<int>(e.kind)], e.requested ? " requested" : "", " ",
         e.name);
  }
  void on(const cascade::token_usage& e) {
    line("usage ", e.response_id, " ", number(e.input), "/", number(e.output), e.revised ? " revised" : "",
         e.failed_attempt ? " failed attempt" : "");
  }
  void on(const cascade::finished& e) {
    static constexpr const char* words[] = {"stop", "length", "max_invocations", "canceled", "content_filter"};
    line("finished ", words[static_cast<int>(e.reason)]);
  }
  void on(const cascade::failed& e) {
    line("failed ", number(e.step), " ", number(e.code), " ", e.short_error, " trace ", e.trace_id);
  }
};

}  // namespace support
