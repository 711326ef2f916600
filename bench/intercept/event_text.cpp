#include "bench/intercept/event_text.hpp"

#include <array>
#include <new>

#include <spdlog/fmt/fmt.h>

namespace bench {

std::string stream_head(bool gzip) {
  return fmt::format(
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
      "{}transfer-encoding: chunked\r\n\r\n",
      gzip ? "content-encoding: gzip\r\n" : "");
}

std::string event_text(std::uint64_t id, std::uint64_t stamp) {
  return fmt::format(
      R"(data: {{"id":"chatcmpl-bench-{:012}","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-2024-08-06",)"
      R"("system_fingerprint":"fp_bench","choices":[{{"index":0,"delta":{{"content":"@@{:016x} and so on"}},)"
      R"("logprobs":null,"finish_reason":null}}]}})"
      "\n\n",
      id, stamp);
}

std::string last_event(std::uint64_t id) {
  return fmt::format(
      R"(data: {{"id":"chatcmpl-bench-{:012}","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-2024-08-06",)"
      R"("choices":[],"usage":{{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46,)"
      R"("prompt_tokens_details":{{"cached_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":0}}}}}})"
      "\n\ndata: [DONE]\n\n",
      id);
}

std::string small_answer(std::uint64_t id) {
  const std::string body = fmt::format(
      R"({{"id":"chatcmpl-bench-{:012}","object":"chat.completion","created":1700000000,"model":"gpt-4o-2024-08-06",)"
      R"("choices":[{{"index":0,"message":{{"role":"assistant","content":"Hello."}},"finish_reason":"stop"}}],)"
      R"("usage":{{"prompt_tokens":12,"completion_tokens":2,"total_tokens":14}}}})",
      id);
  return fmt::format("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{}", body.size(),
                     body);
}

std::string request_for(const std::string& host, std::string_view asked, std::size_t body_bytes) {
  const std::string_view begin = R"({"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":")";
  const std::string_view end = R"("}]})";
  const std::string_view sentence = "Say something and go on. ";
  std::string body(begin);
  do {
    body += sentence;
  } while (body.size() + end.size() + sentence.size() <= body_bytes);
  body += end;
  return fmt::format(
      "POST /v1/chat/completions HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer bench\r\naccept-encoding: gzip\r\n"
      "content-type: application/json\r\nx-bench: {}\r\ncontent-length: {}\r\n\r\n{}",
      host, asked, body.size(), body);
}

std::string chunk(std::string_view data) {
  return data.empty() ? std::string() : fmt::format("{:x}\r\n{}\r\n", data.size(), data);
}

gzip_stream::gzip_stream() {
  constexpr int gzip_window = 15 + 16;
  if (deflateInit2(&zip_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

gzip_stream::~gzip_stream() {
  deflateEnd(&zip_);
}

std::string gzip_stream::run(std::string_view piece, int flush) {
  std::string out;
  std::array<char, 4096> block;
  zip_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  zip_.avail_in = static_cast<uInt>(piece.size());
  do {
    zip_.next_out = reinterpret_cast<Bytef*>(block.data());
    zip_.avail_out = static_cast<uInt>(block.size());
    deflate(&zip_, flush);
    out.append(block.data(), block.size() - zip_.avail_out);
  } while (zip_.avail_out == 0);
  return out;
}

}  // namespace bench
