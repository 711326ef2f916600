// The tap runs beside every streamed event, so in steady state an event must not allocate. Counted here by replacing
// the program's operator new.
//
// Not under ThreadSanitizer: its runtime defines these operators itself and cannot be linked beside others.
#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if !__has_feature(thread_sanitizer)

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "net/text/base64.hpp"
#include "test/support/counted_new.hpp"
#include "test/support/eventstream.hpp"
#include "test/support/split.hpp"
#include "usage/exchange_account.hpp"

namespace usage {
namespace {

struct stream {
  std::string_view path;
  std::string_view event;  // "#" stands for a number that changes, of constant width
};

constexpr stream streams[] = {
    {"/v1internal:streamGenerateContent",
     "data: {\"response\":{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"word # \\\"é\\\"\"}]}}],"
     "\"usageMetadata\":{\"promptTokenCount\":#,\"candidatesTokenCount\":#,\"thoughtsTokenCount\":#,"
     "\"totalTokenCount\":"
     "#},\"modelVersion\":\"gemini-3-flash-a-with-a-long-name\",\"responseId\":\"an-id-of-some-length-#\"}}\n\n"},
    {"/v1/chat/completions",
     "data: {\"id\":\"chatcmpl-a-long-id-#\",\"model\":\"gpt-5-2025-08-07-long\",\"choices\":[{\"delta\":{\"content\":"
     "\"w\"}}],\"usage\":{\"prompt_tokens\":#,\"completion_tokens\":#,\"prompt_tokens_details\":{\"cached_tokens\":1}}}"
     "\n\n"},
    {"/v1/responses",
     "event: response.in_progress\ndata: {\"type\":\"response.in_progress\",\"response\":{\"id\":\"resp_a-long-id-#\","
     "\"model\":\"gpt-5-2025-08-07-long\",\"usage\":{\"input_tokens\":#,\"output_tokens\":#}}}\n\n"
     "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"w #\"}\n\n"},
    {"/v1/messages",
     "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"w #\"}}\n\n"
     "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":#,\"output_tokens\":#}}\n\n"},
};

std::string numbered(std::string_view event, int number) {
  std::string out;
  for (const char c : event) c == '#' ? out += std::to_string(1'000'000 + number) : out += c;
  return out;
}

std::string request_head(std::string_view path) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

class open_stream {
 public:
  explicit open_stream(std::string_view path, std::string_view type = "text/event-stream")
      : head_(request_head(path)), account_("x", *net::wire::parse_request_head(head_), {}) {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) + "\r\n\r\n";
    account_.response(*net::wire::parse_response_head(answer));
  }

  /// Allocations while the pieces are fed.
  std::size_t feed(const support::pieces& pieces) {
    const std::size_t before = support::allocations.load();
    for (const std::string_view piece : pieces) account_.response_body(piece);
    return support::allocations.load() - before;
  }

  usage_record finish() { return account_.finish(ending::complete, ""); }

 private:
  std::string head_;
  exchange_account account_;
};

TEST(exchange_account_allocation, an_event_allocates_nothing_in_steady_state) {
  constexpr int warm_up = 2, events = 5000;
  for (const std::size_t size : {std::size_t{7}, std::size_t{1} << 20}) {
    for (const stream& s : streams) {
      open_stream open(s.path);
      std::size_t allocated = 0;
      for (int i = 0; i < warm_up + events; ++i) {
        const std::string event = numbered(s.event, i);
        const std::size_t now = open.feed(support::pieces_of(event, size));
        if (i >= warm_up) allocated += now;
      }
      EXPECT_EQ(allocated, 0u) << s.path << " in pieces of " << size;
      const usage_record record = open.finish();
      EXPECT_GE(record.tokens.output_total, 1'000'000 + warm_up + events - 1) << s.path << ": the events were read";
    }
  }
}

TEST(exchange_account_allocation, a_message_of_an_aws_stream_allocates_nothing_in_steady_state) {
  for (const std::size_t size : {std::size_t{7}, std::size_t{1} << 20}) {
    open_stream open("/v1/messages", "application/vnd.amazon.eventstream");
    std::size_t allocated = 0;
    for (int i = 0; i < 500; ++i) {
      const std::string event = numbered(R"({"type":"message_delta","usage":{"input_tokens":#,"output_tokens":#}})", i);
      const std::string message = support::eventstream_event(
          "event", "chunk", R"({"bytes":")" + net::text::base64_encoded(event) + R"(","p":"abcdef"})");
      const std::size_t now = open.feed(support::pieces_of(message, size));
      if (i >= 2) allocated += now;
    }
    EXPECT_EQ(allocated, 0u) << "in pieces of " << size;
    EXPECT_EQ(open.finish().tokens.output_total, 1'000'499) << "the messages were read";
  }
}

TEST(exchange_account_allocation, skipping_a_large_request_allocates_nothing) {
  const std::string head = request_head("/v1internal:streamGenerateContent");
  exchange_account account("x", *net::wire::parse_request_head(head), {});
  const std::string chunk(64 * 1024, 'p');
  account.request_body("{\"request\":{\"contents\":[{\"parts\":[{\"inlineData\":{\"data\":\"");
  const std::size_t before = support::allocations.load();
  for (int i = 0; i < 100; ++i) account.request_body(chunk);
  EXPECT_EQ(support::allocations.load(), before);
}

}  // namespace
}  // namespace usage

#endif
