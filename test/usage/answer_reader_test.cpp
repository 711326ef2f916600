#include "usage/answer_reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/support/eventstream.hpp"
#include "test/support/split.hpp"
#include "test/usage/compress.hpp"

namespace usage {
namespace {

const std::string json = R"({"id":"a","model":"m","usage":{"prompt_tokens":11,"completion_tokens":5}})";
const std::string events = "data: " + json + "\n\ndata: [DONE]\n\n";
const std::string mark = "\xef\xbb\xbf";

/// What is read of an answer, in one line.
std::string read(const std::string& fields, const support::pieces& cut, bool whole = true) {
  const std::string text = "HTTP/1.1 200 OK\r\n" + fields + "\r\n";
  answer_reader reader(openai_chat_dialect(), call_kind::model, net::wire::parse_response_head(text).value(), {});
  for (const auto piece : cut) reader.feed(piece);
  reader.finish(whole);
  const token_usage tokens = reader.members().usage().used.tokens;
  std::string line =
      std::to_string(tokens.input_uncached.value_or(-1)) + "/" + std::to_string(tokens.output_total.value_or(-1));
  if (reader.members().stream_ended()) line += " ended";
  if (!reader.understood()) line += " not understood";
  if (!reader.given_up().empty()) line.append(", given up: ").append(reader.given_up());
  if (!reader.odd().empty()) line.append(", odd: ").append(reader.odd());
  return line;
}

void expect_everywhere(const std::string& fields, const std::string& body, const std::string& expected) {
  support::for_each_split(body, [&](const support::pieces& cut) {
    EXPECT_EQ(read(fields, cut), expected) << fields << body << support::describe(cut);
  });
}

TEST(answer_reader, takes_a_coding_that_is_not_known_for_none_if_the_body_can_be_read) {
  const std::string odd = ", odd: a content coding that is none";
  for (const char* name : {"none", "NONE", "utf-8", "UTF8", "aws-chunked", "none, identity"}) {
    const std::string fields = "Content-Encoding: " + std::string(name) + "\r\n";
    expect_everywhere(fields + "Content-Type: application/json\r\n", json, "11/5" + odd);
    expect_everywhere(fields + "Content-Type: application/json\r\n", " \r\n" + json, "11/5" + odd);
    expect_everywhere(fields + "Content-Type: text/event-stream\r\n", events, "11/5 ended" + odd);
    expect_everywhere(fields + "Content-Type: text/event-stream\r\n", mark + ": hi\n\n" + events, "11/5 ended" + odd);
  }
  expect_everywhere("Content-Encoding: identity\r\n", json, "11/5");
  expect_everywhere("Content-Encoding:\r\n", json, "11/5");
  EXPECT_EQ(read("Content-Encoding: foo, gzip\r\n", {compress::gzip(json)}), "11/5" + odd)
      << "inside one that is known";
}

TEST(answer_reader, says_that_a_body_in_a_coding_that_is_not_known_is_not_read) {
  const std::string unread = "-1/-1 not understood, given up: content-encoding";
  expect_everywhere("Content-Encoding: compress\r\nContent-Type: application/json\r\n", "\x1f\x9d\x90{garbage", unread);
  expect_everywhere("Content-Encoding: foo\r\n", "{garbage", unread);
  expect_everywhere("Content-Encoding: foo\r\n", "dat", "-1/-1 not understood");
  EXPECT_EQ(read("Content-Encoding: foo\r\n", {std::string(2000, ' ') + json}), unread) << "too far in";
  EXPECT_EQ(read("Content-Encoding: foo\r\n", {}), "-1/-1") << "there is nothing to read";
}

// curl: "Error while processing content unencoding", undici: "incorrect header check", httpx: DecodingError.
TEST(answer_reader, does_not_read_a_body_that_is_not_in_the_coding_it_names_as_clients_do_not) {
  for (const char* name : {"gzip", "deflate", "br", "zstd"}) {
    EXPECT_EQ(read("Content-Encoding: " + std::string(name) + "\r\nContent-Type: application/json\r\n", {json}),
              "-1/-1 not understood")
        << name;
  }
}

TEST(answer_reader, undoes_the_codings_of_the_transfer_after_chunked) {
  EXPECT_EQ(read("Transfer-Encoding: gzip, chunked\r\n", {compress::gzip(json)}), "11/5");
  EXPECT_EQ(read("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", {compress::gzip(events)}), "11/5 ended");
  EXPECT_EQ(
      read("Transfer-Encoding: gzip, chunked\r\nContent-Encoding: br\r\n", {compress::gzip(compress::brotli(json))}),
      "11/5");
  expect_everywhere("Transfer-Encoding: chunked, chunked\r\n", json, "11/5");
}

TEST(answer_reader, skips_a_byte_order_mark) {
  expect_everywhere("Content-Type: application/json\r\n", mark + json, "11/5, odd: a byte order mark before JSON");
  expect_everywhere("Content-Type: application/json\r\n", mark + "\r\n " + json,
                    "11/5, odd: a byte order mark before JSON");
  EXPECT_EQ(read("Content-Encoding: gzip\r\n", {compress::gzip(mark + json)}),
            "11/5, odd: a byte order mark before JSON");
  expect_everywhere("Content-Type: text/event-stream\r\n", mark + events, "11/5 ended");
  expect_everywhere("Content-Type: application/json\r\n", mark.substr(0, 2) + json, "-1/-1 not understood");
}

TEST(answer_reader, finds_the_end_of_a_stream_however_it_is_written) {
  const std::string usage = "data: " + json;
  for (const char* end : {"\n\ndata: [DONE]\n\n", "\n\ndata:[DONE]\n\n", "\n\ndata: [DONE] \n\n", "\n\ndata: [DONE]",
                          "\n\ndata: [DONE]  \n", "\n\nevent: done\ndata: [DONE]\n\n", "\r\rdata: [DONE]\r\r",
                          "\r\n\r\ndata:  [DONE]\t\r\n\r\n"}) {
    expect_everywhere("Content-Type: text/event-stream\r\n", usage + end, "11/5 ended");
  }
  expect_everywhere("Content-Type: text/event-stream\r\n", usage, "11/5");
  expect_everywhere("Content-Type: text/event-stream\r\n", usage + "\n", "11/5");
  expect_everywhere("Content-Type: Text/Event-Stream\r\n", "\r\n" + usage + "\r\n", "11/5");
  EXPECT_EQ(read("Content-Type: text/event-stream\r\n", {"data: [DONE]x\n\n"}), "-1/-1 not understood");
}

TEST(answer_reader, reads_an_event_in_several_lines_of_data) {
  expect_everywhere(
      "Content-Type: text/event-stream\r\n",
      "data: {\"usage\":\ndata: {\"prompt_tokens\":11,\ndata: \"completion_tokens\":5}}\n\ndata: [DONE]\n\n",
      "11/5 ended");
}

const std::string aws = "Content-Type: application/vnd.amazon.eventstream\r\n";

TEST(answer_reader, reads_an_aws_event_stream_and_the_errors_that_come_in_its_place) {
  const std::string stream = support::eventstream_event("event", "metadata", json);
  expect_everywhere(aws, stream, "11/5");
  EXPECT_EQ(read(aws, support::pieces_of(stream, 10)), "11/5");
  EXPECT_EQ(read(aws + "Content-Encoding: gzip\r\n", {compress::gzip(stream)}), "11/5");
  expect_everywhere(aws, json, "11/5");
  EXPECT_EQ(read(aws, {std::string_view(stream).substr(0, stream.size() - 1)}), "11/5 not understood");
  EXPECT_EQ(read(aws, {std::string_view(stream).substr(0, stream.size() - 1)}, false), "11/5") << "it was cut";
  EXPECT_EQ(read("Content-Type: application/octet-stream\r\n", {stream}), "-1/-1 not understood");
  EXPECT_EQ(read(aws, {"no such stream"}), "-1/-1 not understood");
}

}  // namespace
}  // namespace usage
