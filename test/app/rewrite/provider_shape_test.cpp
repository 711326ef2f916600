#include "app/rewrite/provider_shape.hpp"

#include <gmock/gmock.h>

namespace app::rewrite {
namespace {

constexpr std::string_view gemini = "/v1beta/models/gemini-3-pro:generateContent";
constexpr std::string_view cloud_code = "/v1internal:streamGenerateContent";
constexpr std::string_view chat = "/v1/chat/completions";
constexpr std::string_view responses = "/v1/responses";
constexpr std::string_view messages = "/v1/messages";

result<body_shape> shape(std::string_view path, std::string_view body) {
  return shape_of(usage::classify("a.example", "POST", path), path, body);
}

template <class Edit>
std::string edited(std::string_view path, std::string body, Edit edit) {
  const auto found = shape(path, body);
  if (found.has_error()) return found.error().message();
  const std::string before = body;
  const auto changed = edit(body, *found);
  if (changed.has_error()) return changed.error().message();
  EXPECT_EQ(*changed == edited::yes, before != body);
  EXPECT_TRUE(is_json(body)) << body;
  return body;
}

std::string capped(std::string_view path, std::string body, std::uint64_t tokens = 100) {
  return edited(path, std::move(body), [=](auto& in, auto& how) { return cap_output_tokens(in, how, tokens); });
}

std::string asking(std::string_view path, std::string body) {
  return edited(path, std::move(body), [](auto& in, auto& how) { return ask_for_usage(in, how); });
}

std::string message(errc code) {
  return make_error_code(code).message();
}

TEST(provider_shape, other_calls_have_none) {
  EXPECT_EQ(capped("/v1/models", "{}"), message(errc::unknown_shape));
  EXPECT_EQ(capped("/v1internal:loadCodeAssist", "{}"), message(errc::unknown_shape));
}

TEST(provider_shape, google_caps_inside_its_settings) {
  EXPECT_EQ(capped(gemini, R"({"generationConfig":{"maxOutputTokens":4096}})"),
            R"({"generationConfig":{"maxOutputTokens":100}})");
  EXPECT_EQ(capped(gemini, R"({"generationConfig":{"maxOutputTokens":50}})"),
            R"({"generationConfig":{"maxOutputTokens":50}})");
  EXPECT_EQ(capped(gemini, R"({"generation_config":{"max_output_tokens":4096}})"),
            R"({"generation_config":{"max_output_tokens":100}})");
  EXPECT_EQ(capped(gemini, R"({"generation_config":{"topK":1}})"),
            R"({"generation_config":{"topK":1,"maxOutputTokens":100}})");
  EXPECT_EQ(capped(gemini, R"({"contents":[]})"), R"({"contents":[],"generationConfig":{"maxOutputTokens":100}})");
  EXPECT_EQ(capped(gemini, R"({"generationConfig":{},"generation_config":{}})"), message(errc::ambiguous));
  EXPECT_EQ(capped(gemini, R"({"generationConfig":7})"), message(errc::wrong_type));
}

TEST(provider_shape, cloud_code_keeps_the_request_one_level_deeper) {
  EXPECT_EQ(capped(cloud_code, R"({"model":"m","request":{"generationConfig":{"maxOutputTokens":4096}}})"),
            R"({"model":"m","request":{"generationConfig":{"maxOutputTokens":100}}})");
  EXPECT_EQ(capped(cloud_code, R"({"generationConfig":{"maxOutputTokens":4096}})"), message(errc::missing));
}

TEST(provider_shape, chat_caps_the_limit_that_is_there) {
  EXPECT_EQ(capped(chat, R"({"max_tokens":4096})"), R"({"max_tokens":100})");
  EXPECT_EQ(capped(chat, R"({"max_completion_tokens":4096})"), R"({"max_completion_tokens":100})");
  EXPECT_EQ(capped(chat, R"({"max_completion_tokens":4096,"max_tokens":1e3})"),
            R"({"max_completion_tokens":100,"max_tokens":100})");
  EXPECT_EQ(capped(chat, R"({"max_tokens":null})"), R"({"max_tokens":null,"max_completion_tokens":100})");
  EXPECT_EQ(capped(chat, R"({"max_tokens":99})"), R"({"max_tokens":99})");
  EXPECT_EQ(capped(chat, R"({"max_tokens":1e2})"), R"({"max_tokens":1e2})");
  EXPECT_EQ(capped(chat, R"({"max_tokens":"99"})"), message(errc::wrong_type));
}

TEST(provider_shape, responses_and_messages_cap_by_their_own_names) {
  EXPECT_EQ(capped(responses, R"({"input":"x"})"), R"({"input":"x","max_output_tokens":100})");
  EXPECT_EQ(capped(responses, R"({"max_output_tokens":null})"), R"({"max_output_tokens":100})");
  EXPECT_EQ(capped(messages, R"({"max_tokens":101})"), R"({"max_tokens":100})");
}

TEST(provider_shape, a_thinking_budget_must_fit_below_the_cap) {
  const std::string body = R"({"max_tokens":4096,"thinking":{"type":"enabled","budget_tokens":100}})";
  EXPECT_EQ(capped(messages, body, 100), message(errc::no_room));
  EXPECT_EQ(capped(messages, body, 101), R"({"max_tokens":101,"thinking":{"type":"enabled","budget_tokens":100}})");
  EXPECT_EQ(capped(messages, R"({"max_tokens":4096,"thinking":{"type":"disabled"}})"),
            R"({"max_tokens":100,"thinking":{"type":"disabled"}})");
}

TEST(provider_shape, calls_that_only_count_have_no_output_to_cap) {
  EXPECT_EQ(capped("/v1/messages/count_tokens", R"({"messages":[]})"), R"({"messages":[]})");
}

TEST(provider_shape, usage_is_asked_for_in_streamed_chats_only) {
  EXPECT_EQ(asking(chat, R"({"stream":true})"), R"({"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(chat, R"({"stream":true,"stream_options":null})"),
            R"({"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(chat, R"({"stream":true,"stream_options":{"include_usage":false}})"),
            R"({"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(chat, R"({"stream":true,"stream_options":{"x":1}})"),
            R"({"stream":true,"stream_options":{"x":1,"include_usage":true}})");
  EXPECT_EQ(asking(chat, R"({"stream":true,"stream_options":{"include_usage":true}})"),
            R"({"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(chat, R"({"stream":false})"), R"({"stream":false})");
  EXPECT_EQ(asking(chat, "{}"), "{}");
  EXPECT_EQ(asking(responses, R"({"stream":true})"), R"({"stream":true})");
  EXPECT_EQ(asking(chat, R"({"stream":true,"stream_options":[]})"), message(errc::missing));
}

}  // namespace
}  // namespace app::rewrite
