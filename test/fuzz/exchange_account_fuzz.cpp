// One exchange out of the input: a byte of choices, then request body, response head fields and response body,
// separated by a byte 0x1e. The record is the same whole and in pieces, and no count is negative.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "usage/exchange_account.hpp"

namespace {

constexpr std::array<std::string_view, 8> paths{"/v1internal:streamGenerateContent",
                                                "/v1beta/models/m:streamGenerateContent",
                                                "/v1/chat/completions",
                                                "/v1/responses",
                                                "/v1/messages",
                                                "/v1/messages/count_tokens",
                                                "/v1internal:loadCodeAssist",
                                                "/"};

std::string_view cut(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find('\x1e'));
  rest.remove_prefix(part.size() == rest.size() ? part.size() : part.size() + 1);
  return part;
}

struct exchange {
  std::uint8_t choice;
  std::string_view request, fields, response;
};

template <class Feed>
void feed(std::string_view text, std::size_t size, Feed to) {
  for (std::size_t at = 0; at < text.size(); at += size) to(std::string(text.substr(at, size)));
}

usage::usage_record account_for(const exchange& e, std::size_t size) {
  const std::string head = "POST " + std::string(paths[e.choice % paths.size()]) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  usage::exchange_account account("h", *net::wire::parse_request_head(head), {256, 1 << 20});
  feed(e.request, size, [&](const std::string& piece) { account.request_body(piece); });
  account.request_end();
  const std::string answer = std::string((e.choice & 8) != 0 ? "HTTP/1.1 429 No\r\n" : "HTTP/1.1 200 OK\r\n") +
                             std::string(e.fields) + "\r\n\r\n";
  if (const auto parsed = net::wire::parse_response_head(answer); parsed.has_value()) {
    account.response(*parsed);
    feed(e.response, size, [&](const std::string& piece) { account.response_body(piece); });
  }
  (void)account.parsed();
  return account.finish((e.choice & 16) != 0 ? usage::ending::interrupted : usage::ending::complete, "");
}

void check_counts(const usage::token_usage& tokens) {
  for (const auto& count : {tokens.input_uncached, tokens.cache_read, tokens.cache_write, tokens.output_total,
                            tokens.thinking, tokens.input_total()})
    if (count.value_or(0) < 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(bytes + 1), size - 1);
  exchange e{bytes[0], {}, {}, {}};
  e.request = cut(rest);
  e.fields = cut(rest);
  e.response = rest;
  const usage::usage_record whole = account_for(e, size + 1);
  check_counts(whole.tokens);
  const bool coded =
      e.fields.find("ncoding") != e.fields.npos;  // what is decoded before an error depends on the pieces
  for (const std::size_t piece : {1, 7}) {
    const usage::usage_record cut_record = account_for(e, piece);
    check_counts(cut_record.tokens);
    if (coded) continue;
    if (cut_record.tokens != whole.tokens || cut_record.status != whole.status ||
        cut_record.raw_usage != whole.raw_usage || cut_record.error_reason != whole.error_reason ||
        cut_record.conversation != whole.conversation)
      std::abort();
  }
  return 0;
}
