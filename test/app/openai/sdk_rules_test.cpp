// The rules by which openai-python and openai-node read streams, applied to our frames.

#include <gtest/gtest.h>

#include <set>

#include "app/openai/chat_writer.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/responses_writer.hpp"
#include "app/openai/sse_frame.hpp"
#include "test/app/openai/frames.hpp"

namespace app::openai {
namespace {

struct python_outcome {
  std::vector<json::value> chunks;
  std::string raised;
  bool done = false;
};

/// openai-python's Stream.__stream__.
python_outcome read_as_python(std::string_view bytes) {
  python_outcome outcome;
  for (const frame& each : frames_of(bytes)) {
    if (each.data.starts_with("[DONE]")) {
      outcome.done = true;
      break;
    }
    const auto value = each.value();
    const json::value* const error = value.as_object().if_contains("error");
    const bool raises = error != nullptr && error->is_object() && !error->get_object().empty();
    if (raises && (each.event.empty() || each.event == "error")) {
      outcome.raised = std::string_view(error->at("message").as_string());
      return outcome;
    }
    outcome.chunks.push_back(value);
  }
  return outcome;
}

const answer_identity identity{"resp_1", 1, "m", "c"};

template <class Tell>
std::string chat(Tell tell) {
  std::string out;
  chat_writer writer(identity, {true, true});
  tell(writer, out);
  return out;
}

template <class Tell>
std::string response(Tell tell) {
  std::string out;
  responses_writer writer(identity, "", {true});
  tell(writer, out);
  return out;
}

TEST(sdk_rules, python_reads_a_chat_to_done_with_one_finish_reason) {
  const auto read = read_as_python(chat([](auto& writer, auto& out) {
    writer.text(1, "hi", out);
    writer.end(finish_reason::stop, token_counts{}, out);
  }));
  EXPECT_TRUE(read.done);
  EXPECT_EQ(read.raised, "");
  int reasons = 0;
  for (const auto& chunk : read.chunks)
    for (const auto& choice : chunk.at("choices").as_array()) reasons += choice.at("finish_reason").is_null() ? 0 : 1;
  EXPECT_EQ(reasons, 1);
}

TEST(sdk_rules, python_raises_our_errors_in_both_apis) {
  EXPECT_EQ(read_as_python(chat([](auto& writer, auto& out) {
              writer.text(1, "hi", out);
              writer.fail(upstream_timeout(), out);
            })).raised,
            upstream_timeout().message);
  EXPECT_EQ(read_as_python(response([](auto& writer, auto& out) {
              writer.fail(upstream_timeout(), std::nullopt, out);
            })).raised,
            upstream_timeout().message);
}

TEST(sdk_rules, pythons_helper_gets_created_first_and_completed) {
  const auto read = read_as_python(response([](auto& writer, auto& out) {
    writer.text(1, "hi", out);
    writer.end(finish_reason::stop, token_counts{}, 2, out);
  }));
  ASSERT_FALSE(read.chunks.empty());
  EXPECT_EQ(read.chunks.front().at("type"), "response.created");
  EXPECT_EQ(read.chunks.back().at("type"), "response.completed");
  EXPECT_FALSE(read.done) << "a response has no [DONE]";
}

TEST(sdk_rules, a_response_failure_is_no_error_chunk) {
  EXPECT_EQ(read_as_python(response([](auto& writer, auto& out) {
              writer.text(1, "hi", out);
              writer.fail(upstream_timeout(), std::nullopt, out);
            })).raised,
            "");
}

TEST(sdk_rules, only_events_that_the_node_helper_knows_are_sent) {
  const std::set<std::string> known{"response.created",
                                    "response.in_progress",
                                    "response.completed",
                                    "response.incomplete",
                                    "response.failed",
                                    "error",
                                    "response.output_item.added",
                                    "response.output_item.done",
                                    "response.content_part.added",
                                    "response.content_part.done",
                                    "response.output_text.delta",
                                    "response.output_text.done",
                                    "response.function_call_arguments.delta",
                                    "response.function_call_arguments.done",
                                    "response.reasoning_summary_part.added",
                                    "response.reasoning_summary_part.done",
                                    "response.reasoning_summary_text.delta",
                                    "response.reasoning_summary_text.done"};
  const std::string all = response([](auto& writer, auto& out) {
    writer.reasoning(1, "hm", out);
    writer.text(1, "hi", out);
    writer.text_rewritten(1, "ho", out);
    writer.tool_call_begin(0, "call_1", "f", out);
    writer.tool_call_arguments(0, "{}", out);
    writer.cancel(std::nullopt, out);
  });
  for (const frame& each : frames_of(all)) EXPECT_TRUE(known.contains(each.event)) << each.event;
}

TEST(sdk_rules, no_frame_has_empty_data_and_every_line_is_a_field_of_its_own) {
  const std::string all = chat([](auto& writer, auto& out) {
    writer.text(1, "", out);
    writer.reasoning(1, "", out);
    writer.text(1, "a\r\nb\n\nc\xe2\x80\xa8 d", out);
    writer.end(finish_reason::stop, token_counts{}, out);
  });
  for (const frame& each : frames_of(all)) EXPECT_FALSE(each.data.empty());
  EXPECT_EQ(all.find('\r'), all.npos);
  EXPECT_EQ(all.find("\xe2\x80\xa8"), all.npos);
  std::string_view rest = all;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    EXPECT_TRUE(line.empty() || line.starts_with("data: ")) << line;
    rest.remove_prefix(line.size() + 1);
  }
}

TEST(sdk_rules, a_keep_alive_between_frames_changes_nothing_and_makes_no_event) {
  std::string all;
  chat_writer writer(identity, {true});
  writer.text(1, "a", all);
  all += keep_alive_frame;
  writer.text(1, "b", all);
  all += keep_alive_frame;
  writer.end(finish_reason::stop, std::nullopt, all);
  EXPECT_EQ(frames_of(all).size(), 5u);
  EXPECT_TRUE(frames_of(keep_alive_frame).empty());
  EXPECT_EQ(keep_alive_frame, ": ping\n") << "a second line end makes an empty event of older clients";
}

}  // namespace
}  // namespace app::openai
