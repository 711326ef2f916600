#include "app/rewrite/local_answer.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "app/rewrite/json_document.hpp"
#include "app/rewrite/json_edit.hpp"
#include "net/wire/sse_decoder.hpp"

namespace app::rewrite {
namespace {

using usage::provider;

std::string_view google_status(unsigned status) {
  switch (status) {
    case 400:
      return "INVALID_ARGUMENT";
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 500:
      return "INTERNAL";
    case 503:
      return "UNAVAILABLE";
    default:
      return "UNKNOWN";
  }
}

std::string_view anthropic_type(unsigned status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

std::string error_body(const block& act, provider asked) {
  const std::string message = literal_of(act.message);
  switch (asked) {
    case provider::google:
      return "{\"error\":{\"code\":" + std::to_string(act.status) + ",\"message\":" + message +
             ",\"status\":" + literal_of(google_status(act.status)) + "}}";
    case provider::anthropic:
      return "{\"type\":\"error\",\"error\":{\"type\":" + literal_of(anthropic_type(act.status)) +
             ",\"message\":" + message + "}}";
    default:
      return "{\"error\":{\"message\":" + message +
             ",\"type\":" + literal_of(act.status < 500 ? "invalid_request_error" : "server_error") +
             R"(,"param":null,"code":"blocked_by_rule"}})";
  }
}

/// The data of the events of a stream that are JSON objects.
std::vector<std::string> events_in(std::string_view stream) {
  struct collector final : net::wire::sse_decoder::sink {
    void on_data(std::string_view piece) override { data += piece; }
    void on_dispatch(std::string_view) override {
      if (is_json(data) && value_at(data, {})->starts_with('{')) events.push_back(data);
      data.clear();
    }
    std::string data;
    std::vector<std::string> events;
  } found;
  net::wire::sse_decoder decoder(found);
  decoder.feed(stream);
  decoder.finish();
  return std::move(found.events);
}

std::string error_event(unsigned status, std::string_view body) {
  const auto error = value_at(body, {"error"}).value_or(body);
  return R"({"type":"error","status":)" + std::to_string(status) + ",\"error\":" + std::string(error) + "}";
}

std::vector<std::string> events_of(const mock& file) {
  const std::string& body = *file.body;
  if (file.content_type == "text/event-stream") return events_in(body);
  if (!is_json(body)) return {};
  if (file.status >= 400) return {error_event(file.status, body)};
  if (string_at(body, {"type"})) return {body};
  return {R"({"type":"response.completed","response":)" + body + "}"};
}

}  // namespace

const action* answer_of(const rule& followed) {
  const auto found = std::ranges::find_if(followed.actions, [](const action& act) {
    return std::holds_alternative<block>(act) || std::holds_alternative<mock>(act);
  });
  return found == followed.actions.end() ? nullptr : &*found;
}

const action* refusal_of(const rule& followed) {
  const auto found = std::ranges::find_if(
      followed.actions, [](const action& act) { return std::holds_alternative<refuse_websocket>(act); });
  return found == followed.actions.end() ? nullptr : &*found;
}

mitm::local_answer make_answer(const rule& followed, const action& act, provider asked) {
  mitm::local_answer answer;
  std::string content_type = "application/json";
  if (const auto* refusal = std::get_if<block>(&act)) {
    answer.status = refusal->status;
    answer.body = error_body(*refusal, asked);
    answer.fields.push_back({"x-should-retry", "false"});  // the SDKs would ask again after 409, 429 and 5xx
  } else if (const auto* file = std::get_if<mock>(&act)) {
    answer.status = file->status;
    answer.body = *file->body;
    content_type = file->content_type;
  } else if (std::holds_alternative<refuse_websocket>(act)) {
    answer.status = 426;
    answer.body = error_body({"A rule of zerogravity refuses WebSockets here. Use POST.", answer.status}, asked);
  }
  answer.fields.push_back({"content-type", content_type});
  answer.fields.push_back({"x-zerogravity-rule", followed.name});
  return answer;
}

result<std::vector<std::string>> make_events(const action& act, std::string_view request) {
  std::vector<std::string> events;
  if (const auto* refusal = std::get_if<block>(&act)) {
    events.push_back(error_event(refusal->status, error_body(*refusal, provider::openai_responses)));
  } else if (const auto* file = std::get_if<mock>(&act)) {
    events = events_of(*file);
  }
  if (events.empty()) return errc::no_events;
  const auto stream = string_at(request, {"stream_id"});
  if (!stream) return events;
  for (auto& event : events) {
    if (set_value(event, {"stream_id"}, literal_of(*stream)).has_error()) return errc::no_events;
  }
  return events;
}

}  // namespace app::rewrite
