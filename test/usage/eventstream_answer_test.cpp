#include "usage/eventstream_answer.hpp"

#include <gtest/gtest.h>

#include <string>

#include "net/text/base64.hpp"
#include "test/support/eventstream.hpp"
#include "test/support/split.hpp"
#include "usage/dialect.hpp"

namespace usage {
namespace {

using support::eventstream_event;
using support::eventstream_message;
using support::eventstream_text;

std::string chunk(std::string_view event) {
  return eventstream_event("event", "chunk",
                           R"({"bytes":")" + net::text::base64_encoded(event) + R"(","p":"abcdefghijklm"})");
}

/// What is read of a stream of Anthropic's events, in one line.
std::string read(const support::pieces& cut, bool whole = true) {
  answer_members members(anthropic_dialect());
  eventstream_answer reader(anthropic_dialect().paths, members, 16 * 1024);
  for (const auto piece : cut) reader.feed(piece);
  reader.finish(whole);
  members.end_document();
  const token_usage tokens = members.usage().used.tokens;
  std::string line = members.name(member::model) + " " + std::to_string(tokens.input_uncached.value_or(-1)) + "/" +
                     std::to_string(tokens.output_total.value_or(-1));
  if (members.stream_ended()) line += " ended";
  if (members.failed()) line += " failed: " + members.reason();
  if (!reader.understood()) line += " not understood";
  return line;
}

void expect_everywhere(const std::string& stream, const std::string& expected) {
  support::for_each_split(
      stream, [&](const support::pieces& cut) { EXPECT_EQ(read(cut), expected) << support::describe(cut); });
}

const std::string start = chunk(
    R"({"type":"message_start","message":{"id":"msg_bdrk_1","model":"claude","usage":{"input_tokens":9,"output_tokens":1}}})");
const std::string delta =
    chunk(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi \"}"}})");
const std::string last =
    chunk(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}})") +
    chunk(R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":9}})");
const std::string initial = eventstream_message(eventstream_text(":event-type", "initial-response") +
                                                    eventstream_text(":content-type", "application/json") +
                                                    eventstream_text(":message-type", "event"),
                                                "{}");

TEST(eventstream_answer, reads_the_events_that_its_chunks_wrap) {
  expect_everywhere(start + delta + last, "claude 9/7 ended");
}

TEST(eventstream_answer, reads_a_payload_that_wraps_none_as_it_is) {
  const auto plain = eventstream_event("event", "message_delta", R"({"usage":{"input_tokens":3,"output_tokens":4}})");
  expect_everywhere(initial + plain, " 3/4");
  expect_everywhere(eventstream_event("event", "message_stop", "{}"), " -1/-1 ended");  // its header names the event
}

TEST(eventstream_answer, fails_with_the_name_of_an_exception) {
  expect_everywhere(start + eventstream_event("exception", "throttlingException", R"({"message":"Too many tokens"})"),
                    "claude 9/1 failed: throttlingException");
  const auto error = eventstream_message(eventstream_text(":message-type", "error") +
                                             eventstream_text(":error-code", "InternalError") +
                                             eventstream_text(":error-message", "no JSON here"),
                                         "");
  expect_everywhere(start + error, "claude 9/1 failed: InternalError");
}

TEST(eventstream_answer, passes_over_what_is_no_json) {
  const auto other = eventstream_message(
      eventstream_text(":message-type", "event") + eventstream_text(":content-type", "text/plain"), "{no");
  expect_everywhere(eventstream_message("", "") + other + start, "claude 9/1");
}

TEST(eventstream_answer, says_that_a_message_is_damaged) {
  std::string damaged = start;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_EQ(read({damaged + last}), "claude 9/1 not understood") << "what came before its checksum was read";
  damaged = start + last;
  damaged[start.size()] = 1;
  EXPECT_EQ(read({damaged}), "claude 9/1 not understood");
  EXPECT_EQ(read({eventstream_event("event", "chunk", "{no")}), " -1/-1 not understood");
  EXPECT_EQ(read({eventstream_event("event", "chunk", R"({"bytes":"e30!"})")}), " -1/-1 not understood");
  EXPECT_EQ(read({chunk("{no")}), " -1/-1 not understood");
  EXPECT_EQ(read({chunk("{") + start}), "claude 9/1 not understood") << "and the next one is read afresh";
}

TEST(eventstream_answer, reads_what_has_come_of_a_message_that_was_cut) {
  const std::string cut = start + last.substr(0, last.size() - 200);
  EXPECT_EQ(read({start + last.substr(0, 20)}, false), "claude 9/1");
  EXPECT_EQ(read({cut}, false).substr(0, 10), "claude 9/7");
  EXPECT_NE(read({cut}, true).find("not understood"), std::string::npos);
}

}  // namespace
}  // namespace usage
