// OpenAI's realtime API: response.create answers all items so far, and response.done tells the tokens of text, of audio
// and of what was cached. developers.openai.com/api/docs/guides/realtime

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "test/sim/call_reader.hpp"
#include "test/sim/websocket/dialect.hpp"

namespace sim::websocket {
namespace {

namespace json = boost::json;

/// A quarter of all tokens is audio.
std::int64_t audio_of(std::int64_t tokens) {
  return tokens / 4;
}

json::object details(std::int64_t tokens) {
  return {{"text_tokens", tokens - audio_of(tokens)}, {"audio_tokens", audio_of(tokens)}};
}

json::object usage_of(const call& c, std::int64_t output) {
  auto input = details(c.prompt);
  input["image_tokens"] = 0;
  input["cached_tokens"] = c.cached;
  input["cached_tokens_details"] = details(c.cached);
  return {{"total_tokens", c.prompt + output},
          {"input_tokens", c.prompt},
          {"output_tokens", output},
          {"input_token_details", std::move(input)},
          {"output_token_details", details(output)}};
}

std::string text(json::object content) {
  return json::serialize(content);
}

event delta(const call& c, std::size_t i) {
  return {text({{"type", "response.output_audio_transcript.delta"},
                {"response_id", c.id},
                {"item_id", "item_" + c.id},
                {"output_index", 0},
                {"content_index", 0},
                {"delta", text_of(c, i)}})};
}

json::object response(const call& c, std::string_view status) {
  return {{"object", "realtime.response"}, {"id", c.id},         {"status", status},
          {"status_details", nullptr},     {"usage", nullptr},   {"conversation_id", "conv_sim"},
          {"output", json::array{}},       {"metadata", nullptr}};
}

event done(const call& c, std::string_view status, std::size_t events) {
  auto content = response(c, status);
  const auto output = c.text_tokens(events);
  if (c.asked.no_usage) return {text({{"type", "response.done"}, {"response", std::move(content)}})};
  content["usage"] = usage_of(c, output);
  return {text({{"type", "response.done"}, {"response", std::move(content)}}),
          sent_usage{.input_uncached = c.prompt - c.cached,
                     .cache_read = c.cached,
                     .cache_write = std::nullopt,
                     .output_total = output,
                     .thinking = std::nullopt}};
}

std::string model_in(std::string_view query) {
  constexpr std::string_view name = "model=";
  const auto at = query.find(name);
  if (at == query.npos) return "gpt-realtime";
  const auto value = query.substr(at + name.size());
  return std::string(value.substr(0, value.find('&')));
}

class dialect_of_realtime : public dialect {
 public:
  explicit dialect_of_realtime(const upgrade& head) : x_sim_(head.x_sim), model_(model_in(head.query)) {}

  std::vector<std::string> greeting() const override { return {session("session.created")}; }

  wish read(std::string_view message) override {
    boost::system::error_code failed;
    const auto content = json::parse(message, failed);
    const auto* asked = failed ? nullptr : content.if_object();
    const auto* type = asked ? asked->if_contains("type") : nullptr;
    if (!type) return refusal("This is no event");
    if (*type == "session.update") return {.answers = {session("session.updated")}};
    if (*type == "response.cancel") return {.cancel = true};
    if (*type == "response.create") return begin();
    if (*type != "conversation.item.create" || !asked->contains("item")) return refusal("There is no such event");
    items_.insert(items_.begin(), asked->at("item"));
    return {.answers = {text({{"type", "conversation.item.added"}, {"item", items_.front()}})}};
  }

  event cancelled(const turn& stopped, std::size_t sent) const override {
    return done(stopped.asked, "cancelled", sent > 0 ? sent - 1 : 0);
  }

 private:
  std::string session(std::string_view type) const {
    return text({{"type", type}, {"session", {{"type", "realtime"}, {"id", "sess_sim"}, {"model", model_}}}});
  }

  static wish refusal(std::string_view why) {
    return {.answers = {text({{"type", "error"}, {"error", {{"type", "invalid_request_error"}, {"message", why}}}})}};
  }

  wish begin() {
    const auto body = text({{"model", model_}, {"input", items_}});
    auto c = read_call({"/v1/responses", "", x_sim_, "", body});
    if (!c) return refusal(c.error());
    c->served_model.clear();  // no message of the answer tells it
    answer a;
    a.events.push_back({text({{"type", "response.created"}, {"response", response(*c, "in_progress")}})});
    for (std::size_t i = 0; i < c->asked.events; ++i) a.events.push_back(delta(*c, i));
    a.events.push_back(done(*c, "completed", c->asked.events));
    return {.begun = turn{std::move(*c), std::move(a)}};
  }

  std::string x_sim_, model_;
  json::array items_;  // of the conversation so far; the newest first, whose marker counts
};

}  // namespace

std::unique_ptr<dialect> realtime_dialect(const upgrade& head) {
  return std::make_unique<dialect_of_realtime>(head);
}

}  // namespace sim::websocket
