#include "app/rewrite/usage_chunk_filter.hpp"

#include <gmock/gmock.h>

namespace app::rewrite {
namespace {

const std::string first = "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\"\"}}],\"usage\":null}\n\n";
const std::string usage_chunk = "data: {\"id\":\"x\",\"choices\":[ ],\"usage\":{\"prompt_tokens\":1}}\n\n";
const std::string done = "data: [DONE]\n\n";

std::string filtered(const std::vector<std::string>& pieces, std::size_t limit = usage_chunk_filter::default_limit) {
  usage_chunk_filter filter(limit);
  std::string out;
  for (const auto& piece : pieces) filter.feed(piece, out);
  filter.finish(out);
  return out;
}

bool wanted(const std::string& fields) {
  const std::string head = "HTTP/1.1 200 OK\r\n" + fields + "\r\n";
  return usage_chunk_filter().wants(*net::wire::parse_response_head(head));
}

std::string with_ends(std::string text, std::string_view end) {
  std::string out;
  for (const char c : text) c == '\n' ? out.append(end) : out.append(1, c);
  return out;
}

TEST(usage_chunk_filter, only_plain_event_streams_are_wanted) {
  EXPECT_TRUE(wanted("Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(wanted("content-type: Text/Event-Stream; charset=utf-8\r\ncontent-encoding: identity\r\n"));
  EXPECT_FALSE(wanted("content-type: text/event-stream\r\ncontent-encoding: gzip\r\n"));
  EXPECT_FALSE(wanted("content-type: application/json\r\n"));
  EXPECT_FALSE(wanted("content-type: text/event-streams\r\n"));
  EXPECT_FALSE(wanted(""));
}

TEST(usage_chunk_filter, exactly_the_usage_chunk_is_taken_out) {
  EXPECT_EQ(filtered({first + usage_chunk + done}), first + done);
}

TEST(usage_chunk_filter, however_the_bytes_and_lines_are_cut_the_result_is_the_same) {
  for (const std::string_view end : {"\n", "\r\n", "\r"}) {
    const std::string text = with_ends(": hello\n\n" + first + usage_chunk + "event: x\n" + first + done, end);
    const std::string expected = with_ends(": hello\n\n" + first + "event: x\n" + first + done, end);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      ASSERT_EQ(filtered({text.substr(0, cut), text.substr(cut)}), expected) << cut;
    }
    std::vector<std::string> bytes;
    for (const char c : text) bytes.emplace_back(1, c);
    ASSERT_EQ(filtered(bytes), expected);
  }
}

TEST(usage_chunk_filter, an_event_passes_as_soon_as_it_is_whole) {
  usage_chunk_filter filter;
  std::string out;
  filter.feed(first.substr(0, first.size() - 1), out);
  EXPECT_EQ(out, "");
  filter.feed("\n", out);
  EXPECT_EQ(out, first);
  filter.feed("data: cut", out);
  filter.finish(out);
  EXPECT_EQ(out, first + "data: cut");
}

TEST(usage_chunk_filter, other_chunks_without_choices_stay) {
  for (const std::string text :
       {"data: {\"choices\":[],\"usage\":null}\n\n", "data: {\"choices\":[],\"x\":\"\\\"usage\\\"\"}\n\n",
        "data: {\"choices\":[{}],\"usage\":{}}\n\n", "data: {\"usage\":{}}\n\n",
        "data: {\"choices\":{},\"usage\":{}}\n\n", "data: {\"choices\":[],\"usage\":{}\n\n",
        ": {\"choices\":[],\"usage\":{}}\n\n"}) {
    EXPECT_EQ(filtered({text}), text);
  }
}

TEST(usage_chunk_filter, a_chunk_may_have_several_lines) {
  EXPECT_EQ(filtered({"event: a\ndata: {\"choices\":[],\ndata: \"usage\":{}}\nid: 7\n\n" + done}), done);
}

TEST(usage_chunk_filter, an_event_longer_than_the_limit_passes_as_it_comes) {
  usage_chunk_filter filter(usage_chunk.size() - 1);
  std::string out;
  filter.feed(usage_chunk.substr(0, 20), out);
  EXPECT_EQ(out, "");
  filter.feed(usage_chunk.substr(20), out);
  EXPECT_EQ(out, usage_chunk);
  out.clear();
  filter.feed("data: {\"choices\":[],\"usage\":{}}\n\n" + done, out);
  EXPECT_EQ(out, done);
  EXPECT_EQ(filtered({usage_chunk}, usage_chunk.size()), "");
}

}  // namespace
}  // namespace app::rewrite
