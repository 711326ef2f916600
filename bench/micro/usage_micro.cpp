#include <benchmark/benchmark.h>

#include <algorithm>
#include <stdexcept>

#include "bench/micro/bodies.hpp"
#include "net/wire/message_head.hpp"
#include "usage/exchange_account.hpp"
#include "usage/json/json_scanner.hpp"

namespace bench {
namespace {

/// One account of a request and its answer: everything that accounting adds to a stream. Bytes are counted on the wire,
/// and arrive in as many pieces as there are events.
void account(benchmark::State& state, std::string_view coding) {
  const std::string body = encoded(coding, event_stream());
  const std::string request_text = "POST /v1/chat/completions HTTP/1.1\r\nhost: api.openai.com\r\n\r\n";
  std::string response_text = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
  if (!coding.empty()) response_text += "content-encoding: " + std::string(coding) + "\r\n";
  response_text += "\r\n";
  const auto request = net::wire::parse_request_head(request_text);
  const auto response = net::wire::parse_response_head(response_text);
  const std::size_t piece = body.size() / events_per_answer + 1;
  const std::size_t before = allocations();
  for (auto _ : state) {
    usage::exchange_account one("api.openai.com", *request, {});
    one.request_end();
    one.response(*response);
    for (std::string_view rest = body; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
      one.response_body(rest.substr(0, piece));
    }
    const auto record = one.finish(usage::ending::complete, "");
    if (!record.tokens.output_total) throw std::logic_error("the usage was not seen");
  }
  tell(state, body.size(), events_per_answer, allocations() - before);
}
BENCHMARK_CAPTURE(account, identity, "");
BENCHMARK_CAPTURE(account, gzip, "gzip");
BENCHMARK_CAPTURE(account, br, "br");

/// A request with a long conversation, in which only a few members are wanted: and, if no header field names the
/// conversation, the hashes of its messages.
void request_scan(benchmark::State& state, const std::string& fields) {
  std::string body = R"({"model":"gpt-4o","stream":true,"user":"u-1","messages":[)";
  for (int i = 0; i < 200; ++i) {
    body += R"({"role":"user","content":")" + std::string(5000, 'w') + R"( \"quoted\" and so on"},)";
  }
  body += R"({"role":"user","content":"go on"}]})";
  const std::string head_text =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: api.openai.com\r\ncontent-type: application/json\r\n" + fields +
      "\r\n";
  const auto head = net::wire::parse_request_head(head_text);
  constexpr std::size_t block = 16 * 1024;
  const std::size_t before = allocations();
  for (auto _ : state) {
    usage::exchange_account one("api.openai.com", *head, {});
    for (std::string_view rest = body; !rest.empty(); rest.remove_prefix(std::min(block, rest.size()))) {
      one.request_body(rest.substr(0, block));
    }
    one.request_end();
    benchmark::DoNotOptimize(one.parsed());
  }
  tell(state, body.size(), 1, allocations() - before);
}
BENCHMARK_CAPTURE(request_scan, named, "session-id: s\r\n");
BENCHMARK_CAPTURE(request_scan, hashed, "");

struct ignore final : usage::json_scanner::sink {
  void on_scalar(int, usage::json_scanner::scalar, std::string_view text) override { bytes += text.size(); }
  void on_verbatim(int, std::string_view) override {}
  std::size_t bytes = 0;
};

/// An id at any place in a long document: the cost of a member that is searched incrementally.
void id_scan(benchmark::State& state) {
  std::string text = R"({"messages":[)";
  for (int i = 0; i < 200; ++i) text += R"({"content":")" + std::string(5000, 'w') + R"("},)";
  text += R"({}],"metadata":{"conversation_id":"c-1234567890"}})";
  const usage::json_paths paths{usage::json_path{"metadata.conversation_id", 1}};
  const std::size_t before = allocations();
  for (auto _ : state) {
    ignore found;
    usage::json_scanner scanner(paths, found, 1024);
    if (!scanner.feed(text) || !scanner.finish() || found.bytes == 0) throw std::logic_error("the id was not found");
  }
  tell(state, text.size(), 1, allocations() - before);
}
BENCHMARK(id_scan);

}  // namespace
}  // namespace bench
