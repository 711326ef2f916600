#include "bench/intercept/event_text.hpp"

#include <array>
#include <new>

#include <spdlog/fmt/fmt.h>

#include "bench/probe/websocket_end.hpp"

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

std::string response_created(std::uint64_t id) {
  return fmt::format(
      R"({{"type":"response.created","sequence_number":0,"response":{{"id":"resp_bench-{:012}","object":"response",)"
      R"("created_at":1700000000,"status":"in_progress","model":"gpt-4o-2024-08-06","output":[],"usage":null}}}})",
      id);
}

std::string response_event(std::uint64_t id, std::uint64_t stamp) {
  return fmt::format(
      R"({{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_bench-{:012}-0123456789abcdef01234567",)"
      R"("output_index":0,"content_index":0,"delta":"@@{:016x} and so on","logprobs":[],"obfuscation":"0123456789abc"}})",
      id, stamp);
}

std::string response_completed(std::uint64_t id) {
  return fmt::format(
      R"({{"type":"response.completed","sequence_number":5,"response":{{"id":"resp_bench-{:012}","object":"response",)"
      R"("created_at":1700000000,"status":"completed","model":"gpt-4o-2024-08-06","output":[],)"
      R"("usage":{{"input_tokens":12,"input_tokens_details":{{"cached_tokens":0}},"output_tokens":{},)"
      R"("output_tokens_details":{{"reasoning_tokens":0}},"total_tokens":{}}}}}}})",
      id, output_tokens, 12 + output_tokens);
}

std::string server_sent(std::string_view json) {
  constexpr std::string_view before = R"({"type":")";
  const std::string_view type = json.substr(before.size(), json.find('"', before.size()) - before.size());
  return fmt::format("event: {}\ndata: {}\n\n", type, json);
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

std::string responses_request_for(const std::string& host, std::string_view asked) {
  const std::string_view body = R"({"model":"gpt-4o","stream":true,"input":"Say something and go on."})";
  return fmt::format(
      "POST /v1/responses HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer bench\r\naccept-encoding: gzip\r\n"
      "content-type: application/json\r\nx-bench: {}\r\ncontent-length: {}\r\n\r\n{}",
      host, asked, body.size(), body);
}

std::string websocket_request_for(const std::string& host, std::string_view asked, bool deflate) {
  return fmt::format(
      "GET /v1/responses HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer bench\r\nconnection: Upgrade\r\n"
      "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {}\r\n{}x-bench: {}\r\n\r\n",
      host, websocket_key, deflate ? "sec-websocket-extensions: permessage-deflate\r\n" : "", asked);
}

std::string websocket_grant(bool deflate) {
  return fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {}\r\n"
      "{}\r\n",
      websocket_accept, deflate ? "sec-websocket-extensions: permessage-deflate\r\n" : "");
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
