// OpenAI's responses over a WebSocket: each response.create is a turn, and its answer is the events of the stream.
// developers.openai.com/api/docs/guides/websocket-mode

#include <map>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "test/sim/call_reader.hpp"
#include "test/sim/websocket/dialect.hpp"

namespace sim::websocket {
namespace {

namespace json = boost::json;

std::string text_member(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

std::string error_event(std::size_t status, std::string_view code, std::string_view text) {
  const auto* type = status >= 500 ? "server_error" : "invalid_request_error";
  return json::serialize(
      json::object{{"type", "error"},
                   {"status", status},
                   {"error", {{"type", type}, {"code", code}, {"message", text}, {"param", nullptr}}}});
}

/// What an event stream's event carries.
std::string data_of(std::string_view event) {
  constexpr std::string_view field = "data: ";
  event.remove_prefix(event.find(field) + field.size());
  return std::string(event.substr(0, event.find_first_of("\r\n")));
}

answer answer_to(const call& c) {
  if (c.fails()) {
    answer refused{.reports_error = true};
    const auto* code = c.asked.status == 429 ? "rate_limit_exceeded" : "refused";
    refused.events.push_back({error_event(c.asked.status, code, "The simulator was asked for this error.")});
    return refused;
  }
  auto streamed = openai_responses_answer(c);
  for (auto& event : streamed.events) event.text = data_of(event.text);
  if (c.asked.end == "error") streamed.events.back().text = error_event(500, "server_error", "The model failed");
  return streamed;
}

/// Every event of a stream says which one it belongs to.
void name_stream(answer& a, const std::string& stream) {
  const auto member = "{\"stream_id\":" + json::serialize(json::string(stream)) + ",";
  for (auto& event : a.events) event.text.replace(0, 1, member);
}

class dialect_of_responses : public dialect {
 public:
  explicit dialect_of_responses(const upgrade& head) : head_(head) {}

  wish read(std::string_view message) override {
    boost::system::error_code failed;
    const auto content = json::parse(message, failed);
    if (failed || !content.is_object())
      return {.answers = {error_event(400, "invalid_json", "This is no JSON object")}};
    const auto& asked = content.get_object();
    if (const auto type = text_member(asked, "type"); type != "response.create")
      return {.answers = {error_event(400, "unknown_event", "There is no event " + type)}};
    auto c = read_call({head_.path, head_.query, head_.x_sim, "", message});
    if (!c) return {.answers = {error_event(400, "invalid_value", c.error())}};
    const auto stream = text_member(asked, "stream_id");
    if (!resume(*c, text_member(asked, "previous_response_id"))) {
      c->asked.status = 400;
      return begin(std::move(*c), stream, "previous_response_not_found");
    }
    return begin(std::move(*c), stream);
  }

 private:
  /// The context of the response before counts as prompt, and comes from the cache.
  bool resume(call& c, const std::string& previous) {
    if (!previous.empty()) {
      const auto known = contexts_.find(previous);
      if (known == contexts_.end()) return false;
      c.prompt += known->second;
      c.cached = known->second;
    }
    contexts_[c.id] = c.prompt + c.output();
    return true;
  }

  wish begin(call c, const std::string& stream, std::string_view refusal = {}) {
    c.stream = true;
    auto messages = answer_to(c);
    if (c.fails()) {  // such an answer names neither
      c.id.clear();
      c.served_model.clear();
    }
    if (!refusal.empty()) messages.events.back().text = error_event(400, refusal, "No such response on this socket");
    // ChatGPT's backend tells the account's limits before each answer.
    if (head_.path.starts_with("/backend-api/")) messages.events.insert(messages.events.begin(), limits_);
    if (!stream.empty()) name_stream(messages, stream);
    return {.begun = turn{std::move(c), std::move(messages)}, .lane = stream};
  }

  upgrade head_;
  std::map<std::string, std::int64_t> contexts_;  // tokens of each response and of all before it, by id
  const event limits_{
      R"({"type":"codex.rate_limits","plan_type":"plus","rate_limits":{"allowed":true,"limit_reached":false,)"
      R"("primary":{"used_percent":4,"window_minutes":300,"reset_after_seconds":17000,"reset_at":1900000000},)"
      R"("secondary":null},"credits":null})"};
};

}  // namespace

std::unique_ptr<dialect> responses_dialect(const upgrade& head) {
  return std::make_unique<dialect_of_responses>(head);
}

}  // namespace sim::websocket
