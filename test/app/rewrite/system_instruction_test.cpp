#include <gmock/gmock.h>

#include "app/rewrite/provider_shape.hpp"

namespace app::rewrite {
namespace {

using enum system_text::place;

constexpr std::string_view gemini = "/v1beta/models/gemini-3-pro:generateContent";
constexpr std::string_view cloud_code = "/v1internal:streamGenerateContent";
constexpr std::string_view chat = "/v1/chat/completions";
constexpr std::string_view responses = "/v1/responses";
constexpr std::string_view messages = "/v1/messages";

std::string changed(std::string_view path, std::string body, system_text::place where, std::string text = "N") {
  const auto shape = shape_of(usage::classify("a.example", "POST", path), path, body);
  if (shape.has_error()) return shape.error().message();
  const auto done = change_system(body, *shape, {where, std::move(text)});
  if (done.has_error()) return done.error().message();
  EXPECT_TRUE(is_json(body)) << body;
  return body;
}

std::string message(errc code) {
  return make_error_code(code).message();
}

TEST(system_instruction, google_has_parts) {
  const std::string body = R"({"systemInstruction":{"role":"user","parts":[ {"text":"A"},{"text":"B"} ]}})";
  EXPECT_EQ(changed(gemini, body, prepend),
            R"({"systemInstruction":{"role":"user","parts":[ {"text":"N"},{"text":"A"},{"text":"B"} ]}})");
  EXPECT_EQ(changed(gemini, body, append),
            R"({"systemInstruction":{"role":"user","parts":[ {"text":"A"},{"text":"B"},{"text":"N"} ]}})");
  EXPECT_EQ(changed(gemini, body, replace), R"({"systemInstruction":{"role":"user","parts":[{"text":"N"}]}})");
  EXPECT_EQ(changed(gemini, "{}", append), R"({"systemInstruction":{"role":"user","parts":[{"text":"N"}]}})");
  EXPECT_EQ(changed(gemini, R"({"systemInstruction":null})", append),
            R"({"systemInstruction":{"role":"user","parts":[{"text":"N"}]}})");
  EXPECT_EQ(changed(gemini, R"({"systemInstruction":{}})", prepend),
            R"({"systemInstruction":{"parts":[{"text":"N"}]}})");
}

TEST(system_instruction, google_spells_it_in_two_ways) {
  EXPECT_EQ(changed(gemini, R"({"system_instruction":{"parts":[{"text":"A"}]}})", append),
            R"({"system_instruction":{"parts":[{"text":"A"},{"text":"N"}]}})");
  EXPECT_EQ(changed(gemini, R"({"system_instruction":{},"systemInstruction":{}})", append), message(errc::ambiguous));
}

TEST(system_instruction, google_takes_a_single_part_without_its_array) {
  EXPECT_EQ(changed(gemini, R"({"system_instruction":{"parts":{"text":"A"}}})", append),
            R"({"system_instruction":{"parts":[{"text":"A"},{"text":"N"}]}})");
  EXPECT_EQ(changed(gemini, R"({"system_instruction":{"parts":"A"}})", append), message(errc::wrong_type));
  EXPECT_EQ(changed(gemini, R"({"system_instruction":"A"})", append), message(errc::wrong_type));
}

TEST(system_instruction, cloud_code_keeps_it_one_level_deeper) {
  EXPECT_EQ(changed(cloud_code, R"({"request":{"contents":[]},"model":"m"})", append),
            R"({"request":{"contents":[],"systemInstruction":{"role":"user","parts":[{"text":"N"}]}},"model":"m"})");
  EXPECT_EQ(changed(cloud_code, R"({"contents":[]})", append), message(errc::missing));
  EXPECT_EQ(changed("/v1beta/models/m:countTokens", R"({"generateContentRequest":{}})", append),
            R"({"generateContentRequest":{"systemInstruction":{"role":"user","parts":[{"text":"N"}]}}})");
}

TEST(system_instruction, a_chat_has_it_in_its_first_messages) {
  const std::string body =
      R"({"messages":[{"role":"system","content":"A"},{"role":"developer","content":"B"},{"role":"user","content":"C"},{"role":"system","content":"D"}]})";
  EXPECT_EQ(
      changed(chat, body, prepend),
      R"({"messages":[{"role":"system","content":"N\n\nA"},{"role":"developer","content":"B"},{"role":"user","content":"C"},{"role":"system","content":"D"}]})");
  EXPECT_EQ(
      changed(chat, body, append),
      R"({"messages":[{"role":"system","content":"A"},{"role":"developer","content":"B\n\nN"},{"role":"user","content":"C"},{"role":"system","content":"D"}]})");
  EXPECT_EQ(
      changed(chat, body, replace),
      R"({"messages":[{"role":"system","content":"N"},{"role":"user","content":"C"},{"role":"system","content":"D"}]})");
}

TEST(system_instruction, a_chat_may_have_it_in_parts) {
  const std::string body = R"({"messages":[{"role":"system","content":[{"type":"text","text":"A"}]}]})";
  EXPECT_EQ(changed(chat, body, append),
            R"({"messages":[{"role":"system","content":[{"type":"text","text":"A"},{"type":"text","text":"N"}]}]})");
  EXPECT_EQ(changed(chat, body, replace), R"({"messages":[{"role":"system","content":[{"type":"text","text":"N"}]}]})");
}

TEST(system_instruction, a_chat_without_one_gets_a_message) {
  for (const auto where : {prepend, append, replace}) {
    EXPECT_EQ(changed(chat, R"({"messages":[{"role":"user","content":"C"}]})", where),
              R"({"messages":[{"role":"system","content":"N"},{"role":"user","content":"C"}]})");
  }
  EXPECT_EQ(changed(chat, "{}", append), message(errc::missing));
  EXPECT_EQ(changed(chat, R"({"messages":{}})", append), message(errc::wrong_type));
  EXPECT_EQ(changed(chat, R"({"messages":[{"role":"system"}]})", append), message(errc::missing));
  EXPECT_EQ(changed(chat, R"({"messages":[{"role":"system","content":7}]})", append), message(errc::wrong_type));
}

TEST(system_instruction, responses_call_it_instructions) {
  EXPECT_EQ(changed(responses, R"({"instructions":"A"})", prepend), R"({"instructions":"N\n\nA"})");
  EXPECT_EQ(changed(responses, R"({"instructions":"A"})", replace), R"({"instructions":"N"})");
  EXPECT_EQ(changed(responses, R"({"instructions":null})", append), R"({"instructions":"N"})");
  EXPECT_EQ(changed(responses, R"({"input":"x"})", append), R"({"input":"x","instructions":"N"})");
  EXPECT_EQ(changed(responses, R"({"instructions":{}})", append), message(errc::wrong_type));
}

TEST(system_instruction, messages_have_a_string_or_blocks) {
  EXPECT_EQ(changed(messages, R"({"system":"A"})", append), R"({"system":"A\n\nN"})");
  EXPECT_EQ(changed(messages, "{}", append), R"({"system":"N"})");
  EXPECT_EQ(
      changed(messages, R"({"system":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}}]})", append),
      R"({"system":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}},{"type":"text","text":"N"}]})");
}

TEST(system_instruction, text_is_written_as_a_json_string) {
  EXPECT_EQ(changed(messages, "{}", append, "say \"é\"\n"), R"({"system":"say \"é\"\n"})");
}

}  // namespace
}  // namespace app::rewrite
