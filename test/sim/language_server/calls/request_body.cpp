#include "test/sim/language_server/calls/request_body.hpp"

#include <chrono>

#include <boost/json/serialize.hpp>

#include "test/sim/language_server/unique_id.hpp"

namespace sim::ls {
namespace {

namespace json = boost::json;

constexpr std::string_view instruction =
    "You are an agent that helps with a workspace. Use a tool when it helps, and say plainly what was done.";

// FNV-1a of an empty workspace address: the same for every user without one.
constexpr std::string_view session_id = "-3750763034362895579";

std::string unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

json::object content(std::string_view role, std::string_view text) {
  return {{"role", role}, {"parts", {{{"text", text}}}}};
}

json::array tools() {
  const json::object parameters{{"type", "OBJECT"}, {"properties", {{"CommandLine", {{"type", "STRING"}}}}}};
  const json::object declaration{
      {"name", "run_command"}, {"description", "Runs a command"}, {"parameters", parameters}};
  return {{{"functionDeclarations", {declaration}}}};
}

json::object generation(const model& asked) {
  return {{"temperature", 0.4},
          {"topP", 1},
          {"topK", 50},
          {"candidateCount", 1},
          {"maxOutputTokens", 16384},
          {"stopSequences", {"<|user|>"}},
          {"thinkingConfig", {{"includeThoughts", true}, {"thinkingBudget", asked.provider == 3 ? 1024 : 4000}}}};
}

json::object labels(const agent_request& request) {
  const bool claude = request.asked->wire_name.starts_with("claude");
  json::object labels{{"trajectory_id", request.trajectory_id},
                      {"last_step_index", std::to_string(request.next_step - 1)},
                      {"request_id", request.trajectory_id + "-" + std::to_string(request.next_step)},
                      {"model_enum", request.asked->enum_name},
                      {"used_claude", claude ? "true" : "false"},
                      {"used_non_gemini_model", request.asked->provider == 4 ? "false" : "true"}};
  if (!request.last_execution_id.empty()) labels["last_execution_id"] = request.last_execution_id;
  return labels;
}

json::object request_member(const agent_request& request) {
  json::array contents;
  for (const auto& said : request.messages) contents.push_back(content(said.role, said.text));
  json::object member{{"contents", std::move(contents)},
                      {"systemInstruction", content("user", instruction)},
                      {"tools", tools()},
                      {"toolConfig", {{"functionCallingConfig", {{"mode", "VALIDATED"}}}}},
                      {"generationConfig", generation(*request.asked)},
                      {"sessionId", session_id}};
  if (request.ids != "none") member["labels"] = labels(request);
  return member;
}

std::string request_id(const agent_request& request) {
  if (request.ids == "none" || request.ids == "labels") return "agent-" + unique_id();
  return "agent/" + request.cascade_id + "/" + unix_ms() + "/" + request.trajectory_id + "/" +
         std::to_string(request.next_step);
}

}  // namespace

std::string agent_body(agent_request request) {
  if (request.ids == "lie") request.cascade_id = request.trajectory_id = unique_id();
  return json::serialize(json::object{{"project", "sim-project"},
                                      {"requestId", request_id(request)},
                                      {"request", request_member(request)},
                                      {"model", request.asked->wire_name},
                                      {"userAgent", "antigravity"},
                                      {"requestType", "agent"}});
}

std::string checkpoint_body(std::string_view prompt) {
  const auto& asked = background_model();
  return json::serialize(
      json::object{{"project", "sim-project"},
                   {"requestId", "checkpoint/" + unique_id()},
                   {"request", {{"contents", {content("user", prompt)}}, {"generationConfig", generation(asked)}}},
                   {"model", asked.wire_name},
                   {"userAgent", "antigravity"},
                   {"requestType", "checkpoint"}});
}

}  // namespace sim::ls
