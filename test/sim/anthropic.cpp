// Anthropic messages.

#include <boost/json/serialize.hpp>

#include "test/sim/call.hpp"

namespace sim {
namespace {

namespace json = boost::json;

json::object usage_of(const call& c, std::int64_t output) {
  return {{"input_tokens", c.prompt - c.cached - c.cache_write},
          {"cache_creation_input_tokens", c.cache_write},
          {"cache_read_input_tokens", c.cached},
          {"cache_creation", {{"ephemeral_5m_input_tokens", c.cache_write}, {"ephemeral_1h_input_tokens", 0}}},
          {"output_tokens", output},
          {"service_tier", "standard"}};
}

sent_usage normal_form(const call& c, std::int64_t output) {
  return {.input_uncached = c.prompt - c.cached - c.cache_write,
          .cache_read = c.cached,
          .cache_write = c.cache_write,
          .output_total = output,
          .thinking = std::nullopt};
}

json::object message(const call& c, json::array content, json::value stop_reason) {
  return {{"id", c.id},
          {"type", "message"},
          {"role", "assistant"},
          {"model", c.served_model},
          {"content", std::move(content)},
          {"stop_reason", std::move(stop_reason)},
          {"stop_sequence", nullptr}};
}

void open_stream(const call& c, answer& a) {
  auto opening = message(c, {}, nullptr);
  if (!c.asked.no_usage) opening["usage"] = usage_of(c, 1);
  a.events.push_back({sse(c, "message_start", {{"type", "message_start"}, {"message", opening}})});
  if (!c.asked.no_usage) a.events.back().usage = normal_form(c, 1);
  a.events.push_back(
      {sse(c, "content_block_start",
           {{"type", "content_block_start"}, {"index", 0}, {"content_block", {{"type", "text"}, {"text", ""}}}})});
  a.events.push_back({sse(c, "ping", {{"type", "ping"}})});
}

event message_delta(const call& c, std::int64_t output, json::value stop_reason) {
  json::object content{{"type", "message_delta"},
                       {"delta", {{"stop_reason", std::move(stop_reason)}, {"stop_sequence", nullptr}}}};
  if (c.asked.no_usage) return {sse(c, "message_delta", content)};
  content["usage"] = json::object{{"output_tokens", output}};
  return {sse(c, "message_delta", content), normal_form(c, output)};
}

void end_stream(const call& c, answer& a) {
  a.events.push_back({sse(c, "content_block_stop", {{"type", "content_block_stop"}, {"index", 0}})});
  if (c.asked.partial_usage) a.events.push_back(message_delta(c, c.output() / 2, nullptr));
  a.events.push_back(message_delta(c, c.output(), "end_turn"));
  a.events.push_back({sse(c, "message_stop", {{"type", "message_stop"}})});
}

answer stream(const call& c) {
  answer a{.content_type = "text/event-stream; charset=utf-8", .streamed = true};
  open_stream(c, a);
  const auto until = c.asked.error_mid ? c.asked.events / 2 : c.asked.events;
  for (std::size_t i = 0; i < until; ++i) {
    a.events.push_back({sse(c, "content_block_delta",
                            {{"type", "content_block_delta"},
                             {"index", 0},
                             {"delta", {{"type", "text_delta"}, {"text", text_of(c, i)}}}})});
  }
  a.reports_error = c.asked.error_mid;
  if (c.asked.error_mid) {
    a.events.push_back(
        {sse(c, "error", {{"type", "error"}, {"error", {{"type", "overloaded_error"}, {"message", "Overloaded"}}}})});
  } else {
    end_stream(c, a);
  }
  return a;
}

answer plain(const call& c) {
  auto content = message(c, {json::object{{"type", "text"}, {"text", whole_text(c)}}}, "end_turn");
  if (!c.asked.no_usage) content["usage"] = usage_of(c, c.output());
  answer a;
  a.events.push_back({json::serialize(content)});
  if (!c.asked.no_usage) a.events.back().usage = normal_form(c, c.output());
  return a;
}

}  // namespace

answer anthropic_answer(const call& c) {
  auto a = c.stream ? stream(c) : plain(c);
  a.fields = "request-id: req_" + c.trace_id + "\r\n";
  return a;
}

}  // namespace sim
