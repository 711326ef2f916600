// Each provider's own error body. Google's answers to alt=sse calls are plain JSON under the content type of a stream.

#include <sstream>

#include <boost/json/serialize.hpp>

#include "test/sim/call.hpp"

namespace sim {
namespace {

namespace json = boost::json;

struct google_words {
  std::string_view status, reason, message;
};

google_words google_words_for(std::size_t status) {
  switch (status) {
    case 400:
      return {"INVALID_ARGUMENT", "INVALID_ARGUMENT", "Request contains an invalid argument."};
    case 401:
      return {"UNAUTHENTICATED", "CREDENTIALS_MISSING", "Request is missing its credentials."};
    case 403:
      return {"PERMISSION_DENIED", "VALIDATION_REQUIRED", "The caller does not have permission."};
    case 429:
      return {"RESOURCE_EXHAUSTED", "QUOTA_EXHAUSTED", "You have exhausted your capacity on this model."};
    case 503:
      return {"UNAVAILABLE", "MODEL_CAPACITY_EXHAUSTED", "No capacity available for the model on the server"};
    default:
      return {"INTERNAL", "INTERNAL", "Internal error encountered."};
  }
}

answer google_error(const call& c) {
  const auto words = google_words_for(c.asked.status);
  const std::string_view reason = c.asked.reason.empty() ? words.reason : std::string_view(c.asked.reason);
  const json::object error_reason{{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                                  {"reason", reason},
                                  {"domain", "cloudcode-pa.googleapis.com"},
                                  {"metadata", {{"model", c.requested_model}, {"quotaResetDelay", "1h54m13.667s"}}}};
  const json::object retry{{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", "6853.667s"}};
  std::ostringstream text;
  text << "{\n  \"error\": {\n    \"code\": " << c.asked.status << ",\n    \"message\": " << json::value(words.message)
       << ",\n    \"status\": " << json::value(words.status) << ",\n    \"details\": [\n      " << error_reason
       << ",\n      " << retry << "\n    ]\n  }\n}\n";
  const bool array = c.stream && !c.event_stream;
  answer a{.content_type = c.stream && c.event_stream ? "text/event-stream" : "application/json; charset=UTF-8"};
  a.fields = "Server: ESF\r\nX-Cloudaicompanion-Trace-Id: " + c.trace_id + "\r\n";
  a.events.push_back({array ? "[" + text.str() + "]\n" : text.str()});
  return a;
}

std::string_view openai_type(std::size_t status) {
  if (status == 401) return "authentication_error";
  if (status == 429) return "rate_limit_exceeded";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

answer openai_error(const call& c) {
  const auto type = openai_type(c.asked.status);
  answer a;
  a.fields = "x-request-id: req_" + c.trace_id + "\r\n";
  if (c.asked.status == 429) a.fields += "retry-after-ms: 50\r\n";
  a.events.push_back({json::serialize(json::object{{"error",
                                                    {{"message", "The simulator was asked for this error."},
                                                     {"type", type},
                                                     {"param", nullptr},
                                                     {"code", type}}}})});
  return a;
}

std::string_view anthropic_type(std::size_t status) {
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
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

answer anthropic_error(const call& c) {
  answer a;
  a.fields = "request-id: req_" + c.trace_id + "\r\n";
  if (c.asked.status == 429) a.fields += "retry-after: 1\r\nretry-after-ms: 50\r\n";
  a.events.push_back({json::serialize(json::object{
      {"type", "error"},
      {"error", {{"type", anthropic_type(c.asked.status)}, {"message", "The simulator was asked for this error."}}},
      {"request_id", "req_" + c.trace_id}})});
  return a;
}

}  // namespace

answer error_answer(const call& c) {
  auto a = c.api == provider::google      ? google_error(c)
           : c.api == provider::anthropic ? anthropic_error(c)
                                          : openai_error(c);
  a.status = static_cast<unsigned>(c.asked.status);
  a.reports_error = true;
  return a;
}

}  // namespace sim
