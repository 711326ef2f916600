// Gemini Live, BidiGenerateContent: JSON in binary frames, and usageMetadata beside the content.
// ai.google.dev/api/live

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "test/sim/call_reader.hpp"
#include "test/sim/websocket/dialect.hpp"

namespace sim::websocket {
namespace {

namespace json = boost::json;

json::object usage_metadata(const call& c) {
  const auto response = c.text_tokens(c.asked.events);
  return {{"promptTokenCount", c.prompt},
          {"cachedContentTokenCount", c.cached},
          {"responseTokenCount", response},
          {"thoughtsTokenCount", c.thinking},
          {"totalTokenCount", c.prompt + response + c.thinking},
          {"promptTokensDetails", json::array{{{"modality", "TEXT"}, {"tokenCount", c.prompt}}}},
          {"responseTokensDetails", json::array{{{"modality", "AUDIO"}, {"tokenCount", response}}}}};
}

event content(json::object members) {
  return {json::serialize(json::object{{"serverContent", std::move(members)}})};
}

event last(const call& c) {
  json::object members{{"serverContent", {{"turnComplete", true}}}};
  if (c.asked.no_usage) return {json::serialize(members)};
  members["usageMetadata"] = usage_metadata(c);
  return {json::serialize(members), sent_usage{.input_uncached = c.prompt - c.cached,
                                               .cache_read = c.cached,
                                               .cache_write = std::nullopt,
                                               .output_total = c.output(),
                                               .thinking = c.thinking}};
}

class dialect_of_live : public dialect {
 public:
  explicit dialect_of_live(const upgrade& head) : x_sim_(head.x_sim) {}

  bool binary() const override { return true; }

  wish read(std::string_view message) override {
    boost::system::error_code failed;
    const auto parsed = json::parse(message, failed);
    const auto* asked = failed ? nullptr : parsed.if_object();
    if (const auto* setup = asked ? asked->if_contains("setup") : nullptr; setup && setup->is_object()) {
      if (const auto* model = setup->get_object().if_contains("model"); model && model->is_string())
        model_ = model->get_string();
      return {.answers = {R"({"setupComplete":{}})"}};
    }
    const auto* said = asked ? asked->if_contains("clientContent") : nullptr;
    if (!said) return {};  // audio and video of realtimeInput are not answered
    contents_.insert(contents_.begin(), *said);
    return begin();
  }

 private:
  wish begin() {
    const auto body = json::serialize(json::object{{"contents", contents_}});
    const auto path = "/v1beta/" + model_ + ":streamGenerateContent";
    auto c = read_call({path, "", x_sim_, "", body});
    if (!c) return {};
    c->served_model.clear();  // no message of the answer tells it, nor an id
    c->id.clear();
    answer a;
    for (std::size_t i = 0; i < c->asked.events; ++i)
      a.events.push_back(content({{"modelTurn", {{"parts", json::array{{{"text", text_of(*c, i)}}}}}}}));
    a.events.push_back(content({{"generationComplete", true}}));
    a.events.push_back(last(*c));
    return {.begun = turn{std::move(*c), std::move(a)}};
  }

  std::string x_sim_, model_;
  json::array contents_;  // all that was said so far; the newest first, whose marker counts
};

}  // namespace

std::unique_ptr<dialect> live_dialect(const upgrade& head) {
  return std::make_unique<dialect_of_live>(head);
}

}  // namespace sim::websocket
