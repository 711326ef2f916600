// Google's generateContent family: cloudcode's v1internal (wrapped) and generativelanguage's v1beta.

#include <boost/json/serialize.hpp>

#include "test/sim/call.hpp"

namespace sim {
namespace {

namespace json = boost::json;

struct counts {
  std::int64_t prompt, cached, candidates, thoughts;
};

json::object usage_metadata(const call& c, const counts& n) {
  const auto tool_use = static_cast<std::int64_t>(c.asked.tool_use);
  json::object usage{{"promptTokenCount", n.prompt},
                     {"candidatesTokenCount", n.candidates},
                     {"totalTokenCount", n.prompt + n.candidates + n.thoughts + tool_use},
                     {"cachedContentTokenCount", n.cached},
                     {"promptTokensDetails", {{{"modality", "TEXT"}, {"tokenCount", n.prompt}}}},
                     {"thoughtsTokenCount", n.thoughts}};
  if (tool_use > 0) usage["toolUsePromptTokenCount"] = tool_use;
  return usage;
}

sent_usage normal_form(const call& c, const counts& n) {
  const auto tool_use = static_cast<std::int64_t>(c.asked.tool_use);
  return {.input_uncached = n.prompt + tool_use - n.cached,
          .cache_read = n.cached,
          .cache_write = std::nullopt,
          .output_total = n.candidates + n.thoughts,
          .thinking = n.thoughts};
}

/// What is known after event `i`; an early event of a partial stream knows little or nothing.
std::optional<counts> known_after(const call& c, std::size_t i) {
  if (c.asked.no_usage) return std::nullopt;
  const bool last = i + 1 == c.asked.events;
  if (c.asked.partial_usage && !last) {
    if (i % 2 == 1) return std::nullopt;
    return counts{1, 0, 1, 0};
  }
  return counts{c.prompt, c.cached, c.text_tokens(i + 1), c.thinking};
}

json::object wrap(const call& c, json::object content) {
  if (!c.wrapped) return content;
  return {{"response", std::move(content)}, {"traceId", c.trace_id}, {"metadata", json::object{}}};
}

json::object response(const call& c, std::string_view text, bool last, const std::optional<counts>& n) {
  json::array parts;
  if (text.starts_with("word 0")) parts.push_back({{"text", "Considering."}, {"thought", true}});
  parts.push_back({{"text", text}});
  json::object candidate{{"content", {{"role", "model"}, {"parts", std::move(parts)}}}, {"index", 0}};
  if (last) candidate["finishReason"] = "STOP";
  json::object content{{"candidates", json::array{std::move(candidate)}}};
  if (n) content["usageMetadata"] = usage_metadata(c, *n);
  content["modelVersion"] = c.served_model;
  content["responseId"] = c.id;
  return wrap(c, std::move(content));
}

json::object mid_stream_error() {
  return {{"error",
           {{"code", 503},
            {"message", "No capacity available for the model on the server"},
            {"status", "UNAVAILABLE"},
            {"details",
             {{{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
               {"reason", "MODEL_CAPACITY_EXHAUSTED"},
               {"domain", "cloudcode-pa.googleapis.com"}}}}}}};
}

std::string framed(const call& c, const json::object& content, bool first) {
  if (c.event_stream) return sse(c, "", content);
  return (first ? "[" : ",\r\n") + json::serialize(content);
}

answer stream(const call& c) {
  answer a{.content_type = c.event_stream ? "text/event-stream" : "application/json; charset=UTF-8", .streamed = true};
  const auto until = c.asked.error_mid ? c.asked.events / 2 : c.asked.events;
  for (std::size_t i = 0; i < until; ++i) {
    const auto n = known_after(c, i);
    const auto content = response(c, text_of(c, i), i + 1 == c.asked.events, n);
    a.events.push_back({framed(c, content, i == 0)});
    if (n) a.events.back().usage = normal_form(c, *n);
  }
  if (c.asked.error_mid) {
    a.events.push_back({framed(c, mid_stream_error(), until == 0)});
    a.reports_error = true;
  }
  if (!c.event_stream) a.events.push_back({"]"});
  return a;
}

answer plain(const call& c) {
  const auto n = c.asked.no_usage
                     ? std::nullopt
                     : std::optional(counts{c.prompt, c.cached, c.text_tokens(c.asked.events), c.thinking});
  answer a{.content_type = "application/json; charset=UTF-8"};
  a.events.push_back({json::serialize(response(c, whole_text(c), true, n))});
  if (n) a.events.back().usage = normal_form(c, *n);
  return a;
}

}  // namespace

answer google_answer(const call& c) {
  auto a = c.stream ? stream(c) : plain(c);
  a.fields = "Server: ESF\r\nX-Cloudaicompanion-Trace-Id: " + c.trace_id + "\r\n";
  return a;
}

}  // namespace sim
