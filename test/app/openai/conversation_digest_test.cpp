#include "app/openai/conversation_digest.hpp"

#include <gtest/gtest.h>

#include <string>

#include "app/openai/chat_request.hpp"
#include "app/openai/chat_writer.hpp"
#include "app/openai/responses_request.hpp"
#include "app/openai/responses_writer.hpp"

namespace app::openai {
namespace {

turn_request chat(const std::string& messages) {
  auto request = parse_chat_request(R"({"model":"m","messages":[)" + messages + "]}");
  EXPECT_TRUE(request) << messages;
  return request ? *request : turn_request();
}

turn_request responses(const std::string& items) {
  auto request = parse_responses_request(R"({"model":"m","input":[)" + items + "]}");
  EXPECT_TRUE(request) << items;
  return request ? *request : turn_request();
}

message answered(std::string text) {
  return {role::assistant, std::move(text)};
}

const std::string first = R"({"role":"system","content":"be brief"},{"role":"user","content":" hi\n"})";

void finds(const std::string& next) {
  const auto before = digest_after(chat(first), answered("Hello, \"you\"\n"));
  const auto after = digest_of(chat(next));
  ASSERT_TRUE(after);
  EXPECT_EQ(before, after) << next;
}

TEST(conversation_digest, a_client_that_appends_its_answer_finds_its_conversation) {
  const std::string more = R"(,{"role":"user","content":"more"})";
  finds(first + R"(,{"role":"assistant","content":"Hello, \"you\"\n"})" + more);
  finds(first + R"(,{"role":"assistant","content":"Hello, \"you\"\n","refusal":null,"annotations":[],"audio":null,
      "function_call":null,"tool_calls":null,"reasoning_content":"hm","reasoning":"hm"})" +
        more);
  finds(first + R"(,{"role":"assistant","content":[{"type":"text","text":"Hello, \"you\"\n"}]})" + more);
  finds(first +
        R"(,{"role":"assistant","content":[{"type":"text","text":"Hello, "},{"type":"text","text":"\"you\"\n"}]})" +
        more);
  finds(R"({"role":"developer","content":[{"type":"text","text":"be brief"}]},
      {"role":"user","content":[{"type":"text","text":" hi\n"}],"name":"bob"},
      {"role":"assistant","content":"Hello, \"you\"\n"})" +
        more);
  finds(
      first +
      R"(,{"role":"assistant","content":"Hello, \"you\"\n"},{"role":"user","content":"x"},{"role":"user","content":"y"})");
}

TEST(conversation_digest, the_transcript_of_the_responses_api_is_the_same) {
  const auto before = digest_after(responses(R"({"role":"user","content":"hi"})"), answered("Hello"));
  EXPECT_EQ(before,
            digest_of(responses(R"({"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]},
      {"type":"reasoning","id":"rs_1","summary":[]},
      {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]},
      {"role":"user","content":"more"})")));
}

TEST(conversation_digest, answers_in_a_row_are_one) {
  message answer = answered("onetwo");
  answer.calls.push_back({"call_1", "f", "{\"a\":1}"});
  const auto before = digest_after(responses(R"({"role":"user","content":"hi"})"), answer);
  EXPECT_EQ(before, digest_of(responses(R"({"role":"user","content":"hi"},{"role":"assistant","content":"one"},
      {"role":"assistant","content":"two"},{"type":"function_call","call_id":"call_1","name":"f","arguments":"{ \"a\" : 1 }"},
      {"type":"function_call_output","call_id":"call_1","output":"42"})")));
}

TEST(conversation_digest, an_answer_that_said_nothing_is_as_if_it_were_left_away) {
  EXPECT_EQ(
      digest_of(chat(
          R"({"role":"user","content":"a"},{"role":"assistant","content":""},{"role":"assistant","content":"b"},{"role":"user","content":"c"})")),
      digest_of(
          chat(R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"})")));
}

TEST(conversation_digest, whatever_else_differs_is_another_conversation) {
  const std::string tail = R"(,{"role":"user","content":"more"})";
  const auto base = digest_of(chat(
      R"({"role":"system","content":"s"},{"role":"user","content":"hi"},{"role":"assistant","content":"a"})" + tail));
  const std::string others[] = {
      R"({"role":"user","content":"hi"},{"role":"assistant","content":"a"})",
      R"({"role":"system","content":"S"},{"role":"user","content":"hi"},{"role":"assistant","content":"a"})",
      R"({"role":"system","content":"s"},{"role":"user","content":"hi "},{"role":"assistant","content":"a"})",
      R"({"role":"system","content":"s"},{"role":"user","content":"hi"},{"role":"assistant","content":"a\n"})",
      R"({"role":"system","content":"s"},{"role":"user","content":"hia"},{"role":"assistant","content":""})",
      R"({"role":"system","content":"s"},{"role":"user","content":"h"},{"role":"user","content":"i"},{"role":"assistant","content":"a"})",
      R"({"role":"system","content":"s"},{"role":"tool","tool_call_id":"","content":"hi"},{"role":"assistant","content":"a"})",
      R"({"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"https://x"}}]},{"role":"assistant","content":"a"})",
      R"({"role":"system","content":"s"},{"role":"user","content":"hi"},{"role":"assistant","content":"a","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]})",
  };
  for (const std::string& other : others) EXPECT_NE(base, digest_of(chat(other + tail))) << other;
}

TEST(conversation_digest, images_are_part_of_what_was_said) {
  const auto with = [](const std::string& url) {
    return digest_of(chat(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":")" + url +
                          R"("}}]},{"role":"assistant","content":"a"},{"role":"user","content":"b"})"));
  };
  EXPECT_EQ(with("data:image/png;base64,AAEC"), with("data:image/png;base64,AAEC"));
  EXPECT_NE(with("data:image/png;base64,AAEC"), with("data:image/png;base64,AAED"));
  EXPECT_NE(with("data:image/png;base64,AAEC"), with("data:image/gif;base64,AAEC"));
  EXPECT_NE(with("https://x/1"), with("https://x/2"));
}

TEST(conversation_digest, a_request_without_an_earlier_answer_has_none) {
  EXPECT_FALSE(digest_of(chat(first)));
}

TEST(conversation_digest, a_part_of_a_transcript_is_never_taken_for_the_whole) {
  turn_request request = responses(R"({"role":"user","content":"hi"})");
  request.previous_response_id = "resp_1";
  EXPECT_FALSE(digest_after(request, answered("Hello")));
  request = responses(R"({"role":"user","content":"hi"})");
  request.conversation = "conv_1";
  EXPECT_FALSE(digest_after(request, answered("Hello")));
}

TEST(conversation_digest, three_turns_find_each_other_by_what_the_writers_say) {
  std::string messages = R"({"role":"user","content":"1"})";
  for (int turn = 0; turn < 3; ++turn) {
    const turn_request request = chat(messages);
    chat_writer writer({"chatcmpl-1", 1, "m", "c"}, {true});
    std::string out;
    writer.reasoning(1, "hm", out);
    writer.text(1, "Hel", out);
    writer.text_rewritten(1, "Hello", out);
    writer.text(2, "!", out);
    writer.end(finish_reason::stop, std::nullopt, out);
    const auto answer = writer.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->text, "Hello\n\n!");
    messages += R"(,{"role":"assistant","content":"Hello\n\n!"},{"role":"user","content":"next"})";
    EXPECT_EQ(digest_after(request, *answer), digest_of(chat(messages)));
  }
}

}  // namespace
}  // namespace app::openai
