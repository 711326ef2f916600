#include "app/openai/responses_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/openai/errors.hpp"
#include "test/app/openai/frames.hpp"

namespace app::openai {
namespace {

const answer_identity identity{"resp_abc", 1'700'000'000, "gemini", "cascade-7", {{"team", "a"}}};
constexpr std::string_view echo = R"("instructions":null,"tools":[])";
constexpr answer_style streaming{true};

std::vector<std::string> types_of(std::string_view bytes) {
  std::vector<std::string> types;
  for (const frame& each : frames_of(bytes)) {
    const auto event = each.value();
    EXPECT_EQ(string_at(event, "/type"), each.event) << "the event line is the type";
    EXPECT_EQ(event.at("sequence_number"), types.size());
    types.push_back(each.event.substr(each.event.find('.') + 1));
  }
  return types;
}

TEST(responses_writer, for_a_websocket_each_event_is_a_line_that_repeats_the_stream) {
  auto of_stream = identity;
  of_stream.stream_id = "a \"stream\"";
  answer_style lines = streaming;
  lines.framing = event_framing::lines;
  responses_writer framed(identity, std::string(echo), streaming);
  responses_writer lined(of_stream, std::string(echo), lines);
  std::string frames, text;
  for (auto [writer, out] : {std::pair(&framed, &frames), std::pair(&lined, &text)}) {
    writer->begin(*out);
    writer->text(1, "two\nlines", *out);
    writer->fail(upstream_timeout(), {}, *out);
  }
  for (const frame& each : frames_of(frames)) {
    const auto end = text.find('\n');
    ASSERT_NE(end, std::string::npos);
    auto event = json::parse(text.substr(0, end)).as_object();
    EXPECT_EQ(event["stream_id"], "a \"stream\"");
    event.erase("stream_id");
    EXPECT_EQ(event, each.value().as_object());
    text.erase(0, end + 1);
  }
  EXPECT_EQ(text, "");
}

TEST(responses_writer, a_text_comes_in_the_order_that_clients_check) {
  responses_writer writer(identity, std::string(echo), streaming);
  std::string out;
  writer.begin(out);
  writer.text(1, "Hel", out);
  writer.text(1, "lo", out);
  writer.end(finish_reason::stop, token_counts{1, 2, 3, 4, 0}, 1'700'000'009, out);
  const std::vector<std::string> expected{
      "created",           "in_progress",      "output_item.added", "content_part.added", "output_text.delta",
      "output_text.delta", "output_text.done", "content_part.done", "output_item.done",   "completed"};
  EXPECT_EQ(types_of(out), expected);

  const auto frames = frames_of(out);
  EXPECT_EQ(frames[0].value().at_pointer("/response/status"), "in_progress");
  EXPECT_TRUE(frames[0].value().at_pointer("/response/output").as_array().empty());
  EXPECT_EQ(frames[2].value(), json::parse(R"({"type":"response.output_item.added","sequence_number":2,"output_index":0,
      "item":{"id":"msg_abc_0","type":"message","role":"assistant","status":"in_progress","content":[]}})"));
  EXPECT_EQ(frames[3].value(), json::parse(R"({"type":"response.content_part.added","sequence_number":3,
      "item_id":"msg_abc_0","output_index":0,"content_index":0,
      "part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}})"));
  EXPECT_EQ(frames[4].value(), json::parse(R"({"type":"response.output_text.delta","sequence_number":4,
      "item_id":"msg_abc_0","output_index":0,"content_index":0,"delta":"Hel","logprobs":[]})"));
  EXPECT_EQ(frames[6].value().at("text"), "Hello");
  EXPECT_EQ(frames[7].value().at_pointer("/part/text"), "Hello");
  EXPECT_EQ(frames[8].value().at_pointer("/item/status"), "completed");

  const auto response = frames[9].value().at("response");
  EXPECT_EQ(response, json::parse(R"({"id":"resp_abc","object":"response","created_at":1700000000,"status":"completed",
      "background":false,"completed_at":1700000009,"error":null,"incomplete_details":null,"model":"gemini",
      "output":[{"id":"msg_abc_0","type":"message","role":"assistant","status":"completed",
                 "content":[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]}],
      "usage":{"input_tokens":6,"input_tokens_details":{"cached_tokens":2,"cache_write_tokens":3},"output_tokens":4,
               "output_tokens_details":{"reasoning_tokens":0},"total_tokens":10},
      "metadata":{"team":"a","zerogravity_cascade_id":"cascade-7"},"instructions":null,"tools":[]})"));
  EXPECT_EQ(json::parse(writer.object()), response);
}

TEST(responses_writer, reasoning_is_an_item_of_its_own_before_the_message) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.reasoning(1, "hm", out);
  writer.text(1, "Hello", out);
  writer.end(finish_reason::stop, std::nullopt, 1, out);
  const std::vector<std::string> expected{"created",
                                          "in_progress",
                                          "output_item.added",
                                          "reasoning_summary_part.added",
                                          "reasoning_summary_text.delta",
                                          "reasoning_summary_text.done",
                                          "reasoning_summary_part.done",
                                          "output_item.done",
                                          "output_item.added",
                                          "content_part.added",
                                          "output_text.delta",
                                          "output_text.done",
                                          "content_part.done",
                                          "output_item.done",
                                          "completed"};
  EXPECT_EQ(types_of(out), expected);
  const auto frames = frames_of(out);
  EXPECT_EQ(frames[2].value().at("item"),
            json::parse(R"({"id":"rs_abc_0","type":"reasoning","status":"in_progress","summary":[]})"));
  EXPECT_EQ(frames[4].value(), json::parse(R"({"type":"response.reasoning_summary_text.delta","sequence_number":4,
      "item_id":"rs_abc_0","output_index":0,"summary_index":0,"delta":"hm"})"));
  EXPECT_EQ(frames[7].value().at_pointer("/item/summary"), json::parse(R"([{"type":"summary_text","text":"hm"}])"));
  EXPECT_EQ(frames[8].value().at("output_index"), 1);
}

TEST(responses_writer, reasoning_can_be_left_away) {
  responses_writer writer(identity, "", {true, false, false});
  std::string out;
  writer.reasoning(1, "hm", out);
  writer.reasoning_rewritten(1, "hmm", out);
  writer.end(finish_reason::stop, std::nullopt, 1, out);
  EXPECT_EQ(types_of(out), (std::vector<std::string>{"created", "in_progress", "completed"}));
}

TEST(responses_writer, every_step_has_a_message_of_its_own) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.text(1, "one", out);
  writer.text(3, "two", out);
  writer.end(finish_reason::stop, std::nullopt, 1, out);
  ASSERT_EQ(writer.items().size(), 2u);
  EXPECT_EQ(writer.items()[1].text, "two");
  EXPECT_EQ(writer.answer()->text, "onetwo");
}

TEST(responses_writer, parallel_function_calls_are_items_that_stay_open_for_their_arguments) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.text(1, "so", out);
  EXPECT_TRUE(writer.tool_call_begin(0, "call_1", "look", out));
  EXPECT_TRUE(writer.tool_call_begin(1, "call_2", "find", out));
  EXPECT_FALSE(writer.tool_call_begin(0, "call_9", "other", out));
  writer.tool_call_arguments(1, "{}", out);
  writer.tool_call_arguments(0, "{\"a\"", out);
  writer.tool_call_arguments(0, ":1}", out);
  writer.end(finish_reason::tool_calls, std::nullopt, 1, out);
  const auto frames = frames_of(out);
  const std::vector<std::string> expected{"created",
                                          "in_progress",
                                          "output_item.added",
                                          "content_part.added",
                                          "output_text.delta",
                                          "output_text.done",
                                          "content_part.done",
                                          "output_item.done",
                                          "output_item.added",
                                          "output_item.added",
                                          "function_call_arguments.delta",
                                          "function_call_arguments.delta",
                                          "function_call_arguments.delta",
                                          "function_call_arguments.done",
                                          "output_item.done",
                                          "function_call_arguments.done",
                                          "output_item.done",
                                          "completed"};
  EXPECT_EQ(types_of(out), expected);
  EXPECT_EQ(frames[8].value().at("item"), json::parse(R"({"id":"fc_abc_1","type":"function_call",
      "status":"in_progress","call_id":"call_1","name":"look","arguments":""})"));
  EXPECT_EQ(frames[10].value(), json::parse(R"({"type":"response.function_call_arguments.delta","sequence_number":10,
      "item_id":"fc_abc_2","output_index":2,"delta":"{}"})"));
  EXPECT_EQ(frames[13].value(), json::parse(R"({"type":"response.function_call_arguments.done","sequence_number":13,
      "item_id":"fc_abc_1","output_index":1,"name":"look","arguments":"{\"a\":1}"})"));
  EXPECT_EQ(writer.answer()->calls.size(), 2u);
}

TEST(responses_writer, an_incomplete_response_says_why) {
  for (const auto& [reason, word] : {std::pair{finish_reason::length, "max_output_tokens"},
                                     std::pair{finish_reason::content_filter, "content_filter"}}) {
    responses_writer writer(identity, "", streaming);
    std::string out;
    writer.text(1, "Hel", out);
    writer.end(reason, std::nullopt, 1, out);
    const auto last = frames_of(out).back();
    EXPECT_EQ(last.event, "response.incomplete");
    EXPECT_EQ(last.value().at_pointer("/response/incomplete_details/reason"), word);
    EXPECT_EQ(last.value().at_pointer("/response/status"), "incomplete");
    EXPECT_EQ(last.value().at_pointer("/response/output/0/status"), "incomplete");
    EXPECT_TRUE(last.value().at_pointer("/response/completed_at").is_null());
  }
}

TEST(responses_writer, a_failure_after_the_beginning_is_response_failed_with_a_reason) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.text(1, "Hel", out);
  writer.fail(turn_failed(429, "QUOTA_EXHAUSTED", ""), token_counts{1, 0, 0, 0, 0}, out);
  writer.end(finish_reason::stop, std::nullopt, 1, out);
  const auto frames = frames_of(out);
  EXPECT_EQ(frames.back().event, "response.failed");
  EXPECT_EQ(frames.back().value().at_pointer("/response/error"),
            json::parse(R"({"code":"insufficient_quota","message":"QUOTA_EXHAUSTED"})"));
  EXPECT_EQ(frames.back().value().at_pointer("/response/status"), "failed");
  EXPECT_EQ(frames.back().value().at_pointer("/response/usage/input_tokens"), 1);
  EXPECT_EQ(frames[frames.size() - 2].event, "response.output_item.done");
}

TEST(responses_writer, a_failure_before_the_beginning_is_an_error_event) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.fail(upstream_timeout(), std::nullopt, out);
  const auto frames = frames_of(out);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].event, "error");
  EXPECT_EQ(frames[0].value().at("type"), "error");
  EXPECT_EQ(frames[0].value().at("code"), "upstream_timeout");
  EXPECT_EQ(string_at(frames[0].value(), "/error/code"), "upstream_timeout");
  EXPECT_EQ(frames[0].value().at("sequence_number"), 0);
}

TEST(responses_writer, a_cancelled_response_says_so_and_ends_its_stream) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.text(1, "Hel", out);
  writer.cancel(std::nullopt, out);
  writer.cancel(std::nullopt, out);
  const auto frames = frames_of(out);
  EXPECT_EQ(frames.back().event, "response.failed");
  EXPECT_EQ(frames.back().value().at_pointer("/response/status"), "cancelled");
  EXPECT_TRUE(frames.back().value().at_pointer("/response/error").is_object());
  EXPECT_EQ(std::count_if(frames.begin(), frames.end(), [](const frame& f) { return f.event == "response.failed"; }),
            1);
}

TEST(responses_writer, there_is_no_done_frame_and_nothing_after_the_end) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.end(finish_reason::stop, std::nullopt, 1, out);
  EXPECT_EQ(out.find("[DONE]"), out.npos);
  const std::string once = out;
  writer.text(1, "more", out);
  writer.begin(out);
  writer.fail(upstream_timeout(), std::nullopt, out);
  EXPECT_EQ(out, once);
}

TEST(responses_writer, a_rewriting_goes_on_in_the_open_item_if_it_can) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.text(1, "Hello", out);
  out.clear();
  writer.text_rewritten(1, "Hello world", out);
  EXPECT_EQ(frames_of(out).at(0).value().at("delta"), " world");
  writer.text_rewritten(1, "Hello world", out);
  EXPECT_EQ(frames_of(out).size(), 1u);
}

TEST(responses_writer, a_rewriting_of_a_closed_item_goes_on_in_a_new_one) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.text(1, "Hello", out);
  writer.reasoning(1, "hm", out);
  writer.text_rewritten(1, "Hello world", out);
  ASSERT_EQ(writer.items().size(), 3u);
  EXPECT_EQ(writer.items()[2].text, " world");
}

TEST(responses_writer, any_other_rewriting_is_a_new_item_after_a_mark) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.text(1, "Helo", out);
  writer.text_rewritten(1, "Hello", out);
  writer.text_rewritten(1, "Hello!", out);
  writer.text(1, "!", out);
  writer.end(finish_reason::stop, std::nullopt, 1, out);
  ASSERT_EQ(writer.items().size(), 2u);
  EXPECT_EQ(writer.items()[0].text, "Helo");
  EXPECT_EQ(writer.items()[1].text, std::string(rewritten_mark) + "Hello!!");
}

TEST(responses_writer, a_withdrawn_text_is_said_to_be) {
  responses_writer writer(identity, "", streaming);
  std::string out;
  writer.text(1, "Oops", out);
  writer.text_rewritten(1, "", out);
  EXPECT_EQ(writer.items().back().text, withdrawn_mark);
}

TEST(responses_writer, without_a_stream_only_the_last_wording_is_told) {
  responses_writer writer(identity, "", {});
  std::string out;
  writer.text(1, "Helo", out);
  writer.reasoning(1, "hm", out);
  writer.text(1, " wrld", out);
  writer.text(2, "gone", out);
  writer.text_rewritten(1, "Hello world", out);
  writer.text_rewritten(2, "", out);
  EXPECT_TRUE(out.empty());
  writer.end(finish_reason::stop, std::nullopt, 1, out);
  const auto whole = json::parse(out);
  ASSERT_EQ(whole.at("output").as_array().size(), 2u);
  EXPECT_EQ(string_at(whole, "/output/0/content/0/text"), "Hello world");
  EXPECT_EQ(whole.at_pointer("/output/1/type"), "reasoning");
  EXPECT_EQ(writer.answer()->text, "Hello world");
}

TEST(responses_writer, a_failed_whole_answer_writes_nothing_but_is_kept_for_the_store) {
  responses_writer writer(identity, "", {});
  std::string out;
  writer.text(1, "x", out);
  writer.fail(upstream_timeout(), std::nullopt, out);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(json::parse(writer.object()).at("status"), "failed");
}

TEST(responses_writer, an_answer_beyond_the_limit_is_incomplete) {
  answer_style small = streaming;
  small.text = 4;
  responses_writer writer(identity, "", small);
  std::string out;
  writer.text(1, "abc", out);
  writer.text(1, "def", out);
  writer.end(finish_reason::stop, std::nullopt, 1, out);
  const auto last = frames_of(out).back();
  EXPECT_EQ(last.value().at_pointer("/response/incomplete_details/reason"), "max_output_tokens");
  EXPECT_EQ(string_at(last.value(), "/response/output/0/content/0/text"), "abc");
  EXPECT_FALSE(writer.answer());
}

TEST(responses_writer, no_answer_has_more_items_than_the_limit) {
  responses_writer writer(identity, "", {});
  std::string out;
  for (std::uint32_t step = 0; step < responses_writer::max_items + 10; ++step) writer.text(step, "x", out);
  EXPECT_EQ(writer.items().size(), responses_writer::max_items);
  EXPECT_FALSE(writer.answer());
}

}  // namespace
}  // namespace app::openai
