// OpenAI chat completions.

#include <boost/json/serialize.hpp>

#include "test/sim/call.hpp"

namespace sim {
namespace {

namespace json = boost::json;

constexpr std::int64_t created = 1'750'000'000;

json::object usage_of(const call& c) {
  return {{"prompt_tokens", c.prompt},
          {"completion_tokens", c.output()},
          {"total_tokens", c.prompt + c.output()},
          {"prompt_tokens_details", {{"cached_tokens", c.cached}, {"audio_tokens", 0}}},
          {"completion_tokens_details",
           {{"reasoning_tokens", c.thinking},
            {"audio_tokens", 0},
            {"accepted_prediction_tokens", 0},
            {"rejected_prediction_tokens", 0}}}};
}

sent_usage normal_form(const call& c) {
  return {.input_uncached = c.prompt - c.cached,
          .cache_read = c.cached,
          .cache_write = std::nullopt,
          .output_total = c.output(),
          .thinking = c.thinking};
}

json::object chunk(const call& c, json::array choices) {
  json::object content{{"id", c.id},
                       {"object", "chat.completion.chunk"},
                       {"created", created},
                       {"model", c.served_model},
                       {"choices", std::move(choices)}};
  if (c.wants_usage) content["usage"] = nullptr;
  return content;
}

json::array choice(json::object delta, json::value finish_reason) {
  return {json::object{
      {"index", 0}, {"delta", std::move(delta)}, {"logprobs", nullptr}, {"finish_reason", std::move(finish_reason)}}};
}

void end_stream(const call& c, answer& a) {
  a.events.push_back({sse(c, "", chunk(c, choice({}, "stop")))});
  if (c.wants_usage && !c.asked.no_usage) {
    auto last = chunk(c, {});
    last["usage"] = usage_of(c);
    a.events.push_back({sse(c, "", last), normal_form(c)});
  }
}

answer stream(const call& c) {
  answer a{.content_type = "text/event-stream; charset=utf-8", .streamed = true};
  a.events.push_back({sse(c, "", chunk(c, choice({{"role", "assistant"}, {"content", ""}}, nullptr)))});
  const auto until = c.asked.error_mid ? c.asked.events / 2 : c.asked.events;
  for (std::size_t i = 0; i < until; ++i)
    a.events.push_back({sse(c, "", chunk(c, choice({{"content", text_of(c, i)}}, nullptr)))});
  if (c.asked.error_mid) {
    a.events.push_back({sse(
        c, "", {{"error", {{"message", "The server had an error"}, {"type", "server_error"}, {"code", nullptr}}}})});
    a.reports_error = true;
  } else {
    end_stream(c, a);
  }
  const std::string_view line_end = c.asked.crlf ? "\r\n" : "\n";
  a.events.push_back({std::string("data: [DONE]").append(line_end).append(line_end)});
  return a;
}

answer plain(const call& c) {
  json::object content{{"id", c.id}, {"object", "chat.completion"}, {"created", created}, {"model", c.served_model}};
  content["choices"] =
      json::array{json::object{{"index", 0},
                               {"message", {{"role", "assistant"}, {"content", whole_text(c)}, {"refusal", nullptr}}},
                               {"logprobs", nullptr},
                               {"finish_reason", "stop"}}};
  if (!c.asked.no_usage) content["usage"] = usage_of(c);
  answer a;
  a.events.push_back({json::serialize(content)});
  if (!c.asked.no_usage) a.events.back().usage = normal_form(c);
  return a;
}

}  // namespace

answer openai_chat_answer(const call& c) {
  auto a = c.stream ? stream(c) : plain(c);
  a.fields = "x-request-id: req_" + c.trace_id + "\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\n";
  return a;
}

}  // namespace sim
