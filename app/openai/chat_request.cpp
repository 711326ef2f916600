#include "app/openai/chat_request.hpp"

#include <utility>

#include "app/base/json_text.hpp"
#include "app/openai/content_parts.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/known_parameters.hpp"
#include "app/openai/request_body.hpp"
#include "net/text/utf8.hpp"

namespace app::openai {
namespace {

constexpr parameter without_effect[] = {
    {"audio", shape::object},
    {"frequency_penalty", shape::number, "0"},
    {"function_call", shape::text_or_object, R"("auto"|"none")"},
    {"functions", shape::list},
    {"logit_bias", shape::object},
    {"logprobs", shape::flag, "false"},
    {"modalities", shape::list, R"(["text"])"},
    {"moderation"},
    {"parallel_tool_calls", shape::flag, "true"},
    {"prediction", shape::object},
    {"presence_penalty", shape::number, "0"},
    {"prompt_cache_key", shape::text, "", false},
    {"prompt_cache_options", shape::anything, "", false},
    {"prompt_cache_retention", shape::text, "", false},
    {"response_format", shape::object, R"({"type":"text"})"},
    {"safety_identifier", shape::text, "", false},
    {"seed", shape::number},
    {"service_tier", shape::text, R"("auto"|"default")"},
    {"stop", shape::text_or_list},
    {"store", shape::flag, "false"},
    {"temperature", shape::number},
    {"tool_choice", shape::text_or_object, R"("auto"|"none")"},
    {"tools", shape::list},
    {"top_logprobs", shape::number, "0"},
    {"top_p", shape::number, "1"},
    {"user", shape::text, "", false},
    {"verbosity", shape::text, R"("medium")"},
    {"web_search_options", shape::object},
};

void read_call(const members& call, message& into) {
  const bool custom = call.text("type").value_or("function") == "custom";
  const auto inner = call.object(custom ? "custom" : "function");
  if (!inner) {
    call.wrong().add(missing_parameter(call.path_of(custom ? "custom" : "function")));
    return;
  }
  into.calls.push_back({std::string(call.text("id").value_or("")), std::string(inner->required_text("name")),
                        std::string(inner->text(custom ? "input" : "arguments").value_or(""))});
}

/// Skips the reasoning of earlier answers, which is not part of the transcript.
message read_answer(const members& given, content_reader& content) {
  message answer{role::assistant};
  content.read(given, "content", answer, true);
  answer.text += given.text("refusal").value_or("");
  if (const json::array* const calls = given.list("tool_calls"))
    for (std::size_t i = 0; i < calls->size(); ++i)
      if (const auto call = given.element((*calls)[i], "tool_calls", i)) read_call(*call, answer);
  if (const auto call = given.object("function_call"))
    answer.calls.push_back(
        {{}, std::string(call->required_text("name")), std::string(call->text("arguments").value_or(""))});
  return answer;
}

void read_message(const members& given, content_reader& content, std::vector<message>& all, turn_request& request) {
  const std::string_view sender = given.required_text("role");
  if (sender == "system" || sender == "developer") {
    message instructions{role::system};
    content.read(given, "content", instructions);
    add_instructions(request, instructions.text);
  } else if (sender == "assistant") {
    all.push_back(read_answer(given, content));
  } else if (sender == "user") {
    content.read(given, "content", all.emplace_back());
  } else if (sender == "tool" || sender == "function") {
    message& result = all.emplace_back(message{role::tool});
    result.call_id = given.required_text(sender == "tool" ? "tool_call_id" : "name");
    content.read(given, "content", result);
  } else if (!given.wrong().given()) {
    given.wrong().add(invalid_value(
        given.path_of("role"), "Invalid value: '" + net::utf8::shortened(sender, 100) +
                                   "'. Supported values are: 'system', 'developer', 'user', 'assistant' and 'tool'."));
  }
}

void read_messages(const members& body, const request_limits& limits, turn_request& request) {
  const json::array* const given = body.list("messages");
  if (given == nullptr) {
    body.wrong().add(missing_parameter("messages"));
    return;
  }
  if (given->empty()) body.wrong().add(invalid_value("messages", "Invalid 'messages': expected at least one message."));
  content_reader content(limits);
  std::vector<message> all;
  for (std::size_t i = 0; i < given->size() && !body.wrong().given(); ++i)
    if (const auto one = body.element((*given)[i], "messages", i)) read_message(*one, content, all, request);
  split_turns(std::move(all), request);
}

void read_choices(const members& body) {
  if (const auto n = body.count("n", 1); n.value_or(1) > 1)
    body.wrong().add(unsupported_value("n", "Only one choice can be made: n must be 1."));
  if (const json::array* const modalities = body.list("modalities"))
    for (const json::value& each : *modalities)
      if (each == "audio")
        body.wrong().add(unsupported_value("modalities", "Audio cannot be made: modalities must be [\"text\"]."));
}

}  // namespace

parsed_request parse_chat_request(std::string_view text, const request_limits& limits) {
  const auto parsed = parse_body(text, limits);
  if (!parsed) return parsed.error();
  refusal wrong;
  turn_request request;
  const members body(parsed->get_object(), "", wrong);
  read_shared(body, limits, request);
  read_messages(body, limits, request);
  read_choices(body);
  if (const auto format = body.object("response_format")) check_format(*format);
  read_effort(body, "reasoning_effort", request);
  const auto older = body.count("max_tokens", 1);
  const auto newer = body.count("max_completion_tokens", 1);
  request.max_tokens = newer ? newer : older;
  if (const auto options = body.object("stream_options")) request.include_usage = options->flag("include_usage");
  note_ignored(body, without_effect, request);
  if (wrong.given()) return wrong.error();
  return {boost::system::in_place_value, std::move(request)};
}

}  // namespace app::openai
