// OpenAI responses: the event order and the members that the official clients insist on.

#include <boost/json/serialize.hpp>

#include "test/sim/call.hpp"

namespace sim {
namespace {

namespace json = boost::json;

constexpr std::int64_t created = 1'750'000'000;

json::object usage_of(const call& c) {
  return {{"input_tokens", c.prompt},
          {"input_tokens_details", {{"cached_tokens", c.cached}}},
          {"output_tokens", c.output()},
          {"output_tokens_details", {{"reasoning_tokens", c.thinking}}},
          {"total_tokens", c.prompt + c.output()}};
}

sent_usage normal_form(const call& c) {
  return {.input_uncached = c.prompt - c.cached,
          .cache_read = c.cached,
          .cache_write = std::nullopt,
          .output_total = c.output(),
          .thinking = c.thinking};
}

json::object part(std::string_view text) {
  return {{"type", "output_text"}, {"text", text}, {"annotations", json::array{}}, {"logprobs", json::array{}}};
}

json::object item(const call& c, std::string_view status, json::array content) {
  return {{"id", "msg_" + c.id},
          {"type", "message"},
          {"status", status},
          {"role", "assistant"},
          {"content", std::move(content)}};
}

json::object response(const call& c, std::string_view status, json::array output) {
  json::object content{{"id", c.id}, {"object", "response"}, {"created_at", created}, {"status", status}};
  for (const auto* name : {"error", "incomplete_details", "instructions", "max_output_tokens"}) content[name] = nullptr;
  content["model"] = c.served_model;
  content["output"] = std::move(output);
  content["parallel_tool_calls"] = true;
  content["previous_response_id"] = nullptr;
  content["reasoning"] = json::object{{"effort", nullptr}, {"summary", nullptr}};
  content["store"] = false;
  content["temperature"] = 1.0;
  content["text"] = json::object{{"format", {{"type", "text"}}}};
  content["tool_choice"] = "auto";
  content["tools"] = json::array{};
  content["top_p"] = 1.0;
  content["truncation"] = "disabled";
  content["usage"] = nullptr;
  content["metadata"] = json::object{};
  return content;
}

/// Numbers the events of one stream.
class event_sequence {
 public:
  event_sequence(const call& c, answer& a) : call_(c), answer_(a) {}

  event& add(std::string_view type, json::object members) {
    json::object content{{"type", type}, {"sequence_number", number_++}};
    for (auto& member : members) content[member.key()] = std::move(member.value());
    answer_.events.push_back({sse(call_, type, content)});
    return answer_.events.back();
  }

  event& add_to_part(std::string_view type, std::string_view name, json::value value) {
    return add(type, {{"item_id", "msg_" + call_.id}, {"output_index", 0}, {"content_index", 0}, {name, value}});
  }

 private:
  const call& call_;
  answer& answer_;
  std::int64_t number_ = 0;
};

void finish(const call& c, event_sequence& sequence, std::string_view status, json::array output) {
  auto content = response(c, status, std::move(output));
  if (status == "incomplete") content["incomplete_details"] = json::object{{"reason", "max_output_tokens"}};
  if (status == "failed") content["error"] = json::object{{"code", "server_error"}, {"message", "The model failed"}};
  if (!c.asked.no_usage) content["usage"] = usage_of(c);
  auto& last = sequence.add("response." + std::string(status), {{"response", std::move(content)}});
  if (!c.asked.no_usage) last.usage = normal_form(c);
}

/// How the stream is to end, when not half way.
std::string_view ending(const call& c) {
  return c.asked.end.empty() ? "completed" : std::string_view(c.asked.end);
}

void close_item(const call& c, event_sequence& sequence) {
  const auto text = whole_text(c);
  sequence.add_to_part("response.output_text.done", "text", json::string(text));
  sequence.add_to_part("response.content_part.done", "part", part(text));
  const auto done = item(c, ending(c) == "completed" ? "completed" : "incomplete", {part(text)});
  sequence.add("response.output_item.done", {{"output_index", 0}, {"item", done}});
  finish(c, sequence, ending(c), {done});
}

void report_error(event_sequence& sequence) {
  sequence.add("error", {{"code", "server_error"}, {"message", "The model failed"}, {"param", nullptr}});
}

answer stream(const call& c) {
  answer a{.content_type = "text/event-stream; charset=utf-8", .streamed = true};
  event_sequence sequence(c, a);
  sequence.add("response.created", {{"response", response(c, "in_progress", {})}});
  if (!c.generate) {
    finish(c, sequence, "completed", {});
    return a;
  }
  sequence.add("response.in_progress", {{"response", response(c, "in_progress", {})}});
  sequence.add("response.output_item.added", {{"output_index", 0}, {"item", item(c, "in_progress", {})}});
  sequence.add_to_part("response.content_part.added", "part", part(""));
  const auto until = c.asked.error_mid ? c.asked.events / 2 : c.asked.events;
  for (std::size_t i = 0; i < until; ++i)
    sequence.add_to_part("response.output_text.delta", "delta", json::string(text_of(c, i)));
  a.reports_error = c.asked.error_mid || ending(c) == "failed" || ending(c) == "error";
  if (c.asked.error_mid) {
    finish(c, sequence, "failed", {});
  } else if (ending(c) == "error") {
    report_error(sequence);
  } else {
    close_item(c, sequence);
  }
  return a;
}

answer plain(const call& c) {
  auto content = response(c, "completed", {item(c, "completed", {part(whole_text(c))})});
  if (!c.asked.no_usage) content["usage"] = usage_of(c);
  answer a;
  a.events.push_back({json::serialize(content)});
  if (!c.asked.no_usage) a.events.back().usage = normal_form(c);
  return a;
}

}  // namespace

answer openai_responses_answer(const call& c) {
  auto a = c.stream ? stream(c) : plain(c);
  a.fields = "x-request-id: req_" + c.trace_id + "\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\n";
  return a;
}

}  // namespace sim
