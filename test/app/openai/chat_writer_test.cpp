#include "app/openai/chat_writer.hpp"

#include <gtest/gtest.h>

#include "app/openai/errors.hpp"
#include "test/app/openai/frames.hpp"

namespace app::openai {
namespace {

const answer_identity identity{"chatcmpl-1", 1'700'000'000, "gemini \"x\"", "cascade-7", {{"team", "a"}}};

answer_style streaming(bool usage = false) {
  return {true, usage};
}

std::vector<json::value> chunks_of(std::string_view bytes) {
  std::vector<json::value> chunks;
  for (const frame& each : frames_of(bytes))
    if (each.data != "[DONE]") chunks.push_back(each.value());
  return chunks;
}

json::object delta_of(const json::value& chunk) {
  return chunk.at_pointer("/choices/0/delta").as_object();
}

TEST(chat_writer, a_stream_is_a_role_then_deltas_then_one_reason_then_done) {
  chat_writer writer(identity, streaming());
  std::string out;
  writer.begin(out);
  writer.text(1, "Hel", out);
  writer.text(1, "lo", out);
  writer.end(finish_reason::stop, token_counts{1, 0, 0, 1, 0}, out);
  const auto frames = frames_of(out);
  ASSERT_EQ(frames.size(), 5u);
  EXPECT_EQ(frames.back().data, "[DONE]");
  EXPECT_TRUE(writer.ended());

  const auto chunks = chunks_of(out);
  EXPECT_EQ(delta_of(chunks[0]), json::parse(R"({"role":"assistant","content":""})"));
  EXPECT_EQ(delta_of(chunks[1]), json::parse(R"({"content":"Hel"})"));
  EXPECT_EQ(delta_of(chunks[2]), json::parse(R"({"content":"lo"})"));
  EXPECT_EQ(delta_of(chunks[3]), json::object());
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    EXPECT_EQ(chunks[i].at("id"), "chatcmpl-1");
    EXPECT_EQ(chunks[i].at("object"), "chat.completion.chunk");
    EXPECT_EQ(chunks[i].at("created"), 1'700'000'000);
    EXPECT_EQ(chunks[i].at("model"), "gemini \"x\"");
    EXPECT_EQ(chunks[i].at_pointer("/choices/0/index"), 0);
    EXPECT_TRUE(chunks[i].at_pointer("/choices/0/logprobs").is_null());
    EXPECT_EQ(chunks[i].at_pointer("/choices/0/finish_reason").is_null(), i != 3);
    EXPECT_FALSE(chunks[i].as_object().contains("usage"));
  }
  EXPECT_EQ(chunks[3].at_pointer("/choices/0/finish_reason"), "stop");
  EXPECT_EQ(chunks[0].at("metadata"), json::parse(R"({"team":"a","zerogravity_cascade_id":"cascade-7"})"));
}

TEST(chat_writer, usage_that_was_asked_for_comes_last_without_choices) {
  chat_writer writer(identity, streaming(true));
  std::string out;
  writer.text(1, "x", out);
  writer.end(finish_reason::stop, token_counts{3, 2, 0, 4, 1}, out);
  const auto chunks = chunks_of(out);
  ASSERT_EQ(chunks.size(), 4u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(chunks[i].at("usage").is_null());
  EXPECT_TRUE(chunks[3].at("choices").as_array().empty());
  EXPECT_EQ(chunks[3].at_pointer("/usage/prompt_tokens"), 5);
  EXPECT_EQ(chunks[3].at_pointer("/usage/total_tokens"), 9);
  EXPECT_EQ(chunks[3].at("id"), "chatcmpl-1");
}

TEST(chat_writer, usage_that_is_not_known_is_not_made_up) {
  chat_writer writer(identity, streaming(true));
  std::string out;
  writer.end(finish_reason::stop, std::nullopt, out);
  EXPECT_EQ(chunks_of(out).size(), 2u);
}

TEST(chat_writer, reasoning_is_written_under_both_names_and_can_be_left_away) {
  std::string out;
  chat_writer writer(identity, streaming());
  writer.reasoning(1, "hm\n", out);
  EXPECT_EQ(delta_of(chunks_of(out)[1]), json::parse(R"({"reasoning_content":"hm\n","reasoning":"hm\n"})"));

  out.clear();
  answer_style silent = streaming();
  silent.reasoning = false;
  chat_writer without(identity, silent);
  without.reasoning(1, "hm", out);
  without.reasoning_rewritten(1, "hmm", out);
  EXPECT_EQ(chunks_of(out).size(), 1u);
}

TEST(chat_writer, tool_calls_begin_with_their_name_and_then_only_add_arguments) {
  chat_writer writer(identity, streaming());
  std::string out;
  EXPECT_TRUE(writer.tool_call_begin(0, "call_1", "look", out));
  EXPECT_TRUE(writer.tool_call_begin(1, "call_2", "find", out));
  EXPECT_FALSE(writer.tool_call_begin(1, "call_3", "other", out));
  writer.tool_call_arguments(0, "{\"a\"", out);
  writer.tool_call_arguments(1, "{}", out);
  writer.tool_call_arguments(0, ":1}", out);
  writer.tool_call_arguments(9, "x", out);
  writer.end(finish_reason::stop, std::nullopt, out);
  const auto chunks = chunks_of(out);
  ASSERT_EQ(chunks.size(), 7u);
  EXPECT_EQ(delta_of(chunks[1]).at("tool_calls"),
            json::parse(R"([{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":""}}])"));
  EXPECT_EQ(delta_of(chunks[3]).at("tool_calls"), json::parse(R"([{"index":0,"function":{"arguments":"{\"a\""}}])"));
  EXPECT_EQ(delta_of(chunks[4]).at("tool_calls"), json::parse(R"([{"index":1,"function":{"arguments":"{}"}}])"));
  EXPECT_EQ(chunks[6].at_pointer("/choices/0/finish_reason"), "tool_calls");
  const auto answer = writer.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->calls[0].arguments, "{\"a\":1}");
}

TEST(chat_writer, there_are_no_more_tool_calls_than_clients_take) {
  chat_writer writer(identity, streaming());
  std::string out;
  for (std::size_t i = 0; i < chat_writer::max_tool_calls; ++i) EXPECT_TRUE(writer.tool_call_begin(i, "c", "n", out));
  EXPECT_FALSE(writer.tool_call_begin(chat_writer::max_tool_calls, "c", "n", out));
}

TEST(chat_writer, an_error_is_one_frame_and_done) {
  chat_writer writer(identity, streaming());
  std::string out;
  writer.text(1, "Hel", out);
  writer.fail(upstream_unreachable("reset"), out);
  writer.text(1, "lo", out);
  writer.end(finish_reason::stop, std::nullopt, out);
  writer.fail(upstream_timeout(), out);
  const auto frames = frames_of(out);
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(string_at(frames[2].value(), "/error/code"), "upstream_unreachable");
  EXPECT_TRUE(frames[2].value().at_pointer("/error/param").is_null());
  EXPECT_EQ(frames[3].data, "[DONE]");
}

TEST(chat_writer, the_end_comes_once) {
  chat_writer writer(identity, streaming());
  std::string out;
  writer.end(finish_reason::length, std::nullopt, out);
  const std::string once = out;
  writer.end(finish_reason::stop, std::nullopt, out);
  writer.begin(out);
  EXPECT_FALSE(writer.tool_call_begin(0, "a", "b", out));
  EXPECT_EQ(out, once);
  EXPECT_EQ(chunks_of(out)[1].at_pointer("/choices/0/finish_reason"), "length");
}

TEST(chat_writer, the_whole_object_has_what_clients_look_for) {
  chat_writer writer(identity, {});
  std::string out;
  writer.begin(out);
  writer.reasoning(1, "hm", out);
  writer.text(1, "Hello", out);
  EXPECT_TRUE(out.empty());
  writer.end(finish_reason::stop, token_counts{3, 0, 0, 4, 0}, out);
  EXPECT_EQ(json::parse(out), json::parse(R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,
      "model":"gemini \"x\"","choices":[{"index":0,"message":{"role":"assistant","content":"Hello","refusal":null,
      "reasoning_content":"hm","reasoning":"hm"},"logprobs":null,"finish_reason":"stop"}],
      "usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,
      "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0},
      "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,
      "rejected_prediction_tokens":0}},"metadata":{"team":"a","zerogravity_cascade_id":"cascade-7"}})"));
}

TEST(chat_writer, a_whole_object_of_calls_has_no_content_and_says_so) {
  chat_writer writer(identity, {});
  std::string out;
  writer.tool_call_begin(0, "call_1", "look", out);
  writer.tool_call_arguments(0, "{}", out);
  writer.end(finish_reason::stop, std::nullopt, out);
  const auto whole = json::parse(out);
  EXPECT_TRUE(whole.at_pointer("/choices/0/message/content").is_null());
  EXPECT_EQ(whole.at_pointer("/choices/0/message/tool_calls"),
            json::parse(R"([{"id":"call_1","type":"function","function":{"name":"look","arguments":"{}"}}])"));
  EXPECT_EQ(whole.at_pointer("/choices/0/finish_reason"), "tool_calls");
  EXPECT_TRUE(whole.at("usage").is_null());
}

TEST(chat_writer, an_empty_answer_is_an_empty_string) {
  chat_writer writer(identity, {});
  std::string out;
  writer.end(finish_reason::content_filter, std::nullopt, out);
  EXPECT_EQ(json::parse(out).at_pointer("/choices/0/message/content"), "");
  EXPECT_EQ(json::parse(out).at_pointer("/choices/0/finish_reason"), "content_filter");
}

TEST(chat_writer, a_failed_whole_answer_writes_nothing_for_its_status_says_it) {
  chat_writer writer(identity, {});
  std::string out;
  writer.text(1, "x", out);
  writer.fail(upstream_timeout(), out);
  writer.end(finish_reason::stop, std::nullopt, out);
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(writer.ended());
}

TEST(chat_writer, an_answer_beyond_the_limit_ends_by_length_and_is_not_remembered) {
  answer_style small;
  small.text = 4;
  chat_writer writer(identity, small);
  std::string out;
  writer.text(1, "abcdef", out);
  writer.end(finish_reason::stop, std::nullopt, out);
  EXPECT_EQ(json::parse(out).at_pointer("/choices/0/message/content"), "abcd");
  EXPECT_EQ(json::parse(out).at_pointer("/choices/0/finish_reason"), "length");
  EXPECT_FALSE(writer.answer());
}

TEST(chat_writer, what_was_rewritten_is_told_as_the_client_holds_it) {
  std::string out;
  chat_writer stream(identity, streaming());
  stream.text(1, "Helo", out);
  stream.text_rewritten(1, "Hello", out);
  std::string content;
  for (const auto& chunk : chunks_of(out)) content += string_at(chunk, "/choices/0/delta/content");
  EXPECT_EQ(content, "Helo" + std::string(rewritten_mark) + "Hello");
  EXPECT_EQ(stream.answer()->text, content);

  out.clear();
  chat_writer whole(identity, {});
  whole.text(1, "Helo", out);
  whole.text_rewritten(1, "Hello", out);
  EXPECT_EQ(whole.answer()->text, "Hello");
}

TEST(chat_writer, a_client_cannot_name_another_cascade_in_its_metadata) {
  answer_identity forged = identity;
  forged.metadata = {{"zerogravity_cascade_id", "theirs"}};
  chat_writer writer(forged, {});
  std::string out;
  writer.end(finish_reason::stop, std::nullopt, out);
  EXPECT_EQ(json::parse(out).at("metadata"), json::parse(R"({"zerogravity_cascade_id":"cascade-7"})"));
}

}  // namespace
}  // namespace app::openai
