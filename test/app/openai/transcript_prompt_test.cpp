#include "app/openai/transcript_prompt.hpp"

#include <gtest/gtest.h>

#include "app/openai/chat_request.hpp"
#include "app/openai/responses_request.hpp"

namespace app::openai {
namespace {

turn_request chat(const std::string& messages) {
  return *parse_chat_request(R"({"model":"m","messages":[)" + messages + "]}");
}

TEST(transcript_prompt, a_single_question_is_told_as_it_is) {
  EXPECT_EQ(whole_prompt(chat(R"({"role":"user","content":" # hi\n"})")).text, " # hi\n");
  EXPECT_EQ(whole_prompt(chat(R"({"role":"user","content":"a"},{"role":"user","content":"b"})")).text, "a\n\nb");
}

TEST(transcript_prompt, instructions_alone_are_what_is_asked) {
  EXPECT_EQ(whole_prompt(chat(R"({"role":"system","content":"write a poem"})")).text, "write a poem");
}

TEST(transcript_prompt, a_new_cascade_is_told_everything_under_headings) {
  const auto request = chat(R"({"role":"system","content":"be brief"},{"role":"user","content":"hi"},
      {"role":"assistant","content":"Let me look","tool_calls":[{"id":"call_1","function":{"name":"look","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"call_1","content":"42"},{"role":"assistant","content":"It is 42"},
      {"role":"user","content":"why?"})");
  EXPECT_EQ(whole_prompt(request).text,
            "# Instructions\n\nbe brief\n\n"
            "# The conversation so far\n\n"
            "## User\n\nhi\n\n"
            "## Assistant\n\nLet me look\n\n[called the tool look as call_1 with {}]\n\n"
            "## Result of the tool call call_1\n\n42\n\n"
            "## Assistant\n\nIt is 42\n\n"
            "# Now go on: the new message\n\nwhy?");
}

TEST(transcript_prompt, instructions_and_a_question_have_headings) {
  EXPECT_EQ(whole_prompt(chat(R"({"role":"system","content":"be brief"},{"role":"user","content":"hi"})")).text,
            "# Instructions\n\nbe brief\n\n# The request\n\nhi");
}

TEST(transcript_prompt, a_cascade_that_goes_on_is_told_what_is_new) {
  const auto request = chat(R"({"role":"system","content":"be brief"},{"role":"user","content":"hi"},
      {"role":"assistant","content":"Hello"},{"role":"user","content":"more"})");
  EXPECT_EQ(continued_prompt(request, "be brief").text, "more");
  EXPECT_EQ(continued_prompt(request, "").text, "# Instructions from now on\n\nbe brief\n\n# The request\n\nmore");
  const auto results = chat(R"({"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c","content":"42"})");
  EXPECT_EQ(continued_prompt(results, "").text, "## Result of the tool call c\n\n42");
}

TEST(transcript_prompt, images_come_in_order_and_only_new_ones_to_a_cascade_that_goes_on) {
  const auto request = chat(
      R"({"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"https://x/1"}}]},
      {"role":"assistant","content":"ok"},
      {"role":"user","content":[{"type":"text","text":"and"},{"type":"image_url","image_url":{"url":"https://x/2"}}]})");
  const auto whole = whole_prompt(request);
  ASSERT_EQ(whole.images.size(), 2u);
  EXPECT_EQ(whole.images[0]->url, "https://x/1");
  EXPECT_NE(whole.text.find("[1 image(s) attached]"), std::string::npos);
  const auto continued = continued_prompt(request, "");
  ASSERT_EQ(continued.images.size(), 1u);
  EXPECT_EQ(continued.images[0]->url, "https://x/2");
}

TEST(transcript_prompt, answers_given_with_an_earlier_response_are_told) {
  const auto request = *parse_responses_request(R"({"model":"m","previous_response_id":"resp_1","input":[
      {"role":"assistant","content":"b"},{"role":"user","content":"c"}]})");
  EXPECT_EQ(continued_prompt(request, "").text, "## Assistant\n\nb\n\n## User\n\nc");
}

TEST(transcript_prompt, a_note_of_a_tool_is_short) {
  EXPECT_EQ(tool_note("view_file", R"({"path":"/a"})", "done"), "\n[view_file {\"path\":\"/a\"} done]\n");
  EXPECT_EQ(tool_note("list", "{}", "running"), "\n[list running]\n");
  EXPECT_LT(tool_note("x", std::string(10'000, 'y'), "done").size(), 300u);
}

}  // namespace
}  // namespace app::openai
