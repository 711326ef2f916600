#include "usage/exchange_account.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "net/text/base64.hpp"
#include "test/support/eventstream.hpp"
#include "test/support/split.hpp"
#include "test/usage/compress.hpp"
#include "test/usage/golden_vector.hpp"

namespace usage {
namespace {

using golden::vector;

const std::vector<vector>& vectors() {
  static const std::vector<vector> all = golden::load(GOLDEN_FILES);
  return all;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string with_coding(std::string head, std::string_view coding) {
  if (!head.empty() && !coding.empty())
    head.insert(head.size() - 2, "content-encoding: " + std::string(coding) + "\r\n");
  return head;
}

vector coded(vector v, std::string_view coding) {
  v.request_head = with_coding(v.request_head, coding);
  v.request_body = compress::as(coding, v.request_body);
  v.response_head = with_coding(v.response_head, coding);
  if (!v.response_body.empty()) v.response_body = compress::as(coding, v.response_body);
  return v;
}

using cutter = support::pieces (*)(std::string_view);

template <std::size_t Size>
support::pieces in_pieces_of(std::string_view text) {
  return support::pieces_of(text, Size);
}

support::pieces whole(std::string_view text) {
  return {text};
}

exchange_account open_account(const vector& v, const account_limits& limits = {}) {
  const auto head = net::wire::parse_request_head(v.request_head);
  EXPECT_TRUE(head.has_value()) << v.name;
  return {v.host, *head, limits};
}

void answer(exchange_account& account, const std::string& head) {
  const auto parsed = net::wire::parse_response_head(head);
  ASSERT_TRUE(parsed.has_value()) << head;
  account.response(*parsed);
}

/// The record of the vector as text. Pieces are copies, so that a sanitizer sees a view kept too long.
std::string run(const vector& v, const support::pieces& request, const support::pieces& response) {
  exchange_account account = open_account(v);
  for (const std::string_view piece : request) account.request_body(std::string(piece));
  if (v.how != ending::interrupted || !v.response_head.empty()) account.request_end();
  if (!v.response_head.empty()) answer(account, v.response_head);
  for (const std::string_view piece : response) account.response_body(std::string(piece));
  usage_record record = account.finish(v.how, v.cause);
  EXPECT_EQ(record.request_bytes, static_cast<std::int64_t>(v.request_body.size()));
  EXPECT_EQ(record.response_bytes, static_cast<std::int64_t>(v.response_body.size()));
  std::string rows = golden::render(record, account.parsed());
  for (const usage_record& each : account.beside(record)) rows += "beside:\n" + golden::render(each, true);
  return rows;
}

TEST(exchange_account, a_row_says_which_version_of_http_carried_it) {
  net::wire::request_head head{"POST", "/v1/responses", 1, {}};
  EXPECT_EQ(exchange_account("h", head, {}).finish(ending::interrupted, "").transport, transport::http1);
  head.major_version = 2;
  EXPECT_EQ(exchange_account("h", head, {}).finish(ending::interrupted, "").transport, transport::h2);
}

TEST(exchange_account, golden_vectors_are_there) {
  EXPECT_GE(vectors().size(), 70u);
}

TEST(exchange_account, golden_vectors_leave_their_record_in_every_coding_and_piece_size) {
  for (const vector& v : vectors()) {
    for (const std::string_view coding : {"", "gzip", "deflate", "br", "zstd"}) {
      const vector c = coded(v, coding);
      for (const cutter cut : {whole, in_pieces_of<1>, in_pieces_of<2>, in_pieces_of<7>})
        EXPECT_EQ(run(c, cut(c.request_body), cut(c.response_body)), v.record) << v.name << " " << coding;
    }
  }
}

TEST(exchange_account, golden_vectors_leave_their_record_wherever_they_are_cut) {
  constexpr std::size_t small = 8 * 1024;
  for (const vector& v : vectors()) {
    if (v.response_body.size() > small) continue;
    support::for_each_split(v.response_body, [&](const support::pieces& cut) {
      EXPECT_EQ(run(v, {v.request_body}, cut), v.record) << v.name << " " << support::describe(cut);
    });
    support::for_each_split(v.request_body, [&](const support::pieces& cut) {
      EXPECT_EQ(run(v, cut, {v.response_body}), v.record) << v.name << " request " << support::describe(cut);
    });
  }
}

TEST(exchange_account, golden_vectors_leave_their_record_with_crlf) {
  for (vector v : vectors()) {
    v.response_body = with_crlf(v.response_body);
    v.request_body = with_crlf(v.request_body);
    for (const cutter cut : {whole, in_pieces_of<1>, in_pieces_of<7>})
      EXPECT_EQ(run(v, cut(v.request_body), cut(v.response_body)), v.record) << v.name;
  }
}

const vector& named(std::string_view name) {
  for (const vector& v : vectors())
    if (v.name == name) return v;
  throw std::invalid_argument(std::string(name));
}

TEST(exchange_account, host_method_and_path_are_kept_without_the_query) {
  vector v = named("google_array");
  v.host = "GenerativeLanguage.googleapis.com";
  const usage_record record = open_account(v).finish(ending::interrupted, "");
  EXPECT_EQ(record.host, "generativelanguage.googleapis.com");
  EXPECT_EQ(record.method, "POST");
  EXPECT_EQ(record.path, "/v1beta/models/gemini-2.5-pro:streamGenerateContent");
}

TEST(exchange_account, an_unknown_coding_leaves_the_body_unread_and_says_so) {
  vector v = named("chat_json");
  v.response_head = with_coding(v.response_head, "compress");
  v.response_body = "\x1f\x9d\x90 as compress(1) begins";
  EXPECT_EQ(run(v, {v.request_body}, {v.response_body}),
            "provider: openai_chat\nkind: model\nstatus: not_read\nhttp_status: 200\nrequested_model: gpt-4o\n"
            "error_reason: content-encoding\nparsed: false\n");
}

TEST(exchange_account, a_request_is_read_like_an_answer_if_its_coding_is_none_or_a_mark_comes_first) {
  const vector& plain = named("chat_json");
  vector v = plain;
  v.request_body = "\xef\xbb\xbf" + v.request_body;
  EXPECT_EQ(run(v, {v.request_body}, {v.response_body}), plain.record);
  for (const char* name : {"none", "utf-8"}) {
    v.request_head = with_coding(plain.request_head, name);
    EXPECT_EQ(run(v, {v.request_body}, {v.response_body}), plain.record) << name;
  }
  v.request_body = "no JSON";
  EXPECT_NE(run(v, {v.request_body}, {v.response_body}).find("parsed: false\n"), std::string::npos);
  v.request_body = compress::gzip(plain.request_body);
  v.request_head = plain.request_head;
  v.request_head.insert(v.request_head.size() - 2, "Transfer-Encoding: gzip, chunked\r\n");
  EXPECT_EQ(run(v, {v.request_body}, {v.response_body}), plain.record);
}

TEST(exchange_account, tells_what_in_an_answer_is_against_the_standards) {
  const vector& v = named("chat_json");
  const auto odd = [&](const std::string& fields, const std::string& body) {
    exchange_account account = open_account(v);
    std::string head = v.response_head;
    answer(account, head.insert(head.size() - 2, fields));
    account.response_body(body);
    account.finish(ending::complete, "");
    return account.odd();
  };
  EXPECT_EQ(odd("", v.response_body), "");
  EXPECT_EQ(odd("Transfer-Encoding: chunked\r\nContent-Length: 9\r\n", v.response_body),
            "Content-Length beside Transfer-Encoding");
  EXPECT_EQ(odd("Content-Encoding: none\r\n", v.response_body), "a content coding that is none");
  EXPECT_EQ(odd("Content-Encoding: none\r\n", ""), "");
}

TEST(exchange_account, a_coded_body_that_breaks_keeps_what_was_decoded_as_a_lower_bound) {
  vector v = coded(named("google_sse"), "gzip");
  v.response_body += compress::gzip("data: {}\n\n").substr(0, 10);
  const std::string record = run(v, {v.request_body}, {v.response_body});
  EXPECT_NE(record.find("status: interrupted\n"), record.npos) << record;
  EXPECT_NE(record.find("output_total: 110\n"), record.npos) << record;
  EXPECT_NE(record.find("parsed: false\n"), record.npos) << record;
}

TEST(exchange_account, a_bomb_is_given_up_at_the_limit) {
  vector v = named("chat_json");
  v.response_head = with_coding(v.response_head, "gzip");
  exchange_account account = open_account(v, {.captured_value = 1024, .decoded_body = 1 << 20});
  answer(account, v.response_head);
  account.response_body(compress::gzip("{\"x\":\"" + std::string(8 << 20, ' ')));
  EXPECT_FALSE(account.parsed());
  const usage_record record = account.finish(ending::complete, "");
  EXPECT_EQ(record.status, record_status::not_read);
  EXPECT_EQ(record.error_reason, "limits.decoded_body");
}

TEST(exchange_account, an_answer_that_decodes_to_too_much_for_its_size_is_not_read_and_names_the_limit) {
  vector v = named("chat_json");
  v.response_head = with_coding(v.response_head, "zstd");
  exchange_account account = open_account(v, {.decoded_ratio = 256, .decoded_block = 1 << 20});
  account.request_body(v.request_body);
  account.request_end();
  answer(account, v.response_head);
  EXPECT_EQ(account.given_up(), "");
  account.response_body(compress::zstd("{\"x\":\"" + std::string(64 << 20, ' ')));
  EXPECT_EQ(account.given_up(), "limits.decoded_ratio");
  account.response_body("more of it");
  const usage_record record = account.finish(ending::interrupted, "");
  EXPECT_EQ(record.status, record_status::not_read);
  EXPECT_EQ(record.error_reason, "limits.decoded_ratio");
  EXPECT_EQ(record.requested_model, "gpt-4o") << "what was read before stays";
}

TEST(exchange_account, a_request_that_decodes_to_too_much_does_not_hide_the_answer) {
  vector v = named("chat_json");
  v.request_head = with_coding(v.request_head, "gzip");
  exchange_account account = open_account(v, {.decoded_ratio = 256, .decoded_block = 1 << 20});
  account.request_body(compress::gzip(std::string(64 << 20, ' ')));
  account.request_end();
  answer(account, v.response_head);
  account.response_body(v.response_body);
  EXPECT_EQ(account.given_up(), "limits.decoded_ratio");
  EXPECT_FALSE(account.parsed());
  EXPECT_EQ(account.finish(ending::complete, "").status, record_status::complete);
}

TEST(exchange_account, codings_named_in_several_fields_are_undone_in_reverse) {
  vector v = named("chat_json");
  const std::string expected = v.record;
  v.response_head = with_coding(with_coding(v.response_head, "gzip"), "br");
  v.response_body = compress::brotli(compress::gzip(v.response_body));
  EXPECT_EQ(run(v, {v.request_body}, {v.response_body}), expected);
}

TEST(exchange_account, an_answer_may_come_before_the_end_of_the_request) {
  const vector& v = named("chat_error");
  exchange_account account = open_account(v);
  account.request_body(R"({"model":"gpt-5",)");
  answer(account, v.response_head);
  account.response_body(v.response_body);
  account.request_body(R"("messages":[]})");
  account.request_end();
  const usage_record record = account.finish(v.how, "");
  EXPECT_EQ(golden::render(record, account.parsed()), v.record);
}

TEST(exchange_account, names_from_the_wire_are_bounded_and_printable) {
  vector v = named("chat_json");
  v.request_body = R"({"model":")" + std::string(100'000, 'm') + R"("})";
  v.response_body = "{\"model\":\"a\\u0000\\nb\xff\",\"id\":\"" + std::string(100'000, 'i') + "\"}";
  exchange_account account = open_account(v);
  account.request_body(v.request_body);
  answer(account, v.response_head);
  account.response_body(v.response_body);
  const usage_record record = account.finish(ending::complete, "");
  EXPECT_LE(record.requested_model.size(), 1024u);
  EXPECT_LE(record.response_id.size(), 1024u);
  EXPECT_EQ(record.served_model, "a??b?");
}

TEST(exchange_account, a_usage_object_over_the_limit_is_counted_but_not_kept) {
  const vector& v = named("chat_json");
  exchange_account account = open_account(v, {.captured_value = 64, .decoded_body = 1 << 20});
  answer(account, v.response_head);
  account.response_body(R"({"usage":{"prompt_tokens":12,"x":")" + std::string(200, 'x') + R"("}})");
  const usage_record record = account.finish(ending::complete, "");
  EXPECT_EQ(record.tokens.input_uncached, 12);
  EXPECT_EQ(record.raw_usage, "");
}

usage_record record_of(const std::string& target, const std::string& body, const std::string& fields = "") {
  const std::string head = "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
  exchange_account account("x", *net::wire::parse_request_head(head), {});
  account.request_body(body);
  account.request_end();
  return account.finish(ending::failed, "");
}

TEST(exchange_account, a_request_that_names_no_conversation_has_the_hashes_of_its_transcript) {
  const std::string turn = R"({"role":"user","content":"hi"})";
  const auto chat = record_of("/v1/chat/completions", R"({"messages":[)" + turn + "," + turn + "]}");
  ASSERT_EQ(chat.transcript_links.size(), 2u);
  EXPECT_EQ(chat.transcript, static_cast<std::int64_t>(chat.transcript_links[1]));
  const auto first = chat.transcript_links[0];
  EXPECT_EQ(record_of("/v1/messages", R"({"system":"s","messages":[)" + turn + "]}").transcript_links.at(0), first);
  EXPECT_EQ(record_of("/v1/responses", R"({"instructions":"s","input":"hi"})").transcript_links.at(0), first);
  EXPECT_EQ(record_of("/v1/responses", R"({"input":[)" + turn + "]}").transcript_links.at(0), first);
  EXPECT_EQ(record_of("/v1beta/models/m:generateContent", R"({"contents":[{"parts":[{"text":"hi"}],"role":"user"}]})")
                .transcript_links.at(0),
            first);
}

TEST(exchange_account, no_transcript_is_hashed_where_it_is_not_needed) {
  const std::string body = R"({"input":[{"role":"user","content":"hi"}],"messages":[{"role":"user","content":"hi"}]})";
  EXPECT_TRUE(record_of("/v1/responses", body).transcript.has_value());
  EXPECT_EQ(record_of("/v1/responses", body, "session-id: s\r\n").transcript, std::nullopt);
  EXPECT_EQ(record_of("/v1/responses", R"({"prompt_cache_key":"k","input":"hi"})").transcript, std::nullopt);
  EXPECT_EQ(record_of("/v1/embeddings", R"({"input":"hi"})").transcript, std::nullopt);
  EXPECT_EQ(record_of("/v1internal:generateContent", R"({"contents":[{"parts":[{"text":"hi"}]}]})").transcript,
            std::nullopt);
}

TEST(exchange_account, a_request_that_was_not_understood_has_no_transcript) {
  EXPECT_EQ(record_of("/v1/responses", R"({"input":"hi")").transcript, std::nullopt);
  EXPECT_EQ(record_of("/v1/responses", R"({"input":"hi"}x)").transcript, std::nullopt);
  EXPECT_EQ(record_of("/v1/responses", "\x01\x02\x03", "content-encoding: odd\r\n").transcript, std::nullopt);
}

TEST(exchange_account, transcripts_of_two_keys_have_nothing_in_common) {
  const std::string head = "POST /v1/responses HTTP/1.1\r\nHost: x\r\n\r\n";
  exchange_account account("x", *net::wire::parse_request_head(head), {.transcript_key = {1, 2}});
  account.request_body(R"({"input":"hi"})");
  account.request_end();
  EXPECT_NE(account.finish(ending::failed, "").transcript, record_of("/v1/responses", R"({"input":"hi"})").transcript);
}

std::string event(std::string_view type, std::string_view payload) {
  return support::eventstream_message(support::eventstream_text(":message-type", "event") +
                                          support::eventstream_text(":event-type", type) +
                                          support::eventstream_text(":content-type", "application/json"),
                                      payload);
}

/// As InvokeModelWithResponseStream wraps an event of the model's own API.
std::string chunk(std::string_view json) {
  return event("chunk", R"({"bytes":")" + net::text::base64_encoded(json) + R"(","p":"abcd"})");
}

usage_record row_of_stream(std::string_view path, std::string_view body) {
  const std::string text = "POST " + std::string(path) + " HTTP/1.1\r\n\r\n";
  const auto head = net::wire::parse_request_head(text);
  exchange_account account("bedrock-runtime.eu-west-1.amazonaws.com", *head, {});
  account.request_body(R"({"messages":[]})");
  account.request_end();
  answer(account, "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\n\r\n");
  for (const auto piece : support::pieces_of(body, 5)) account.response_body(piece);
  usage_record row = account.finish(ending::complete, "");
  EXPECT_TRUE(account.parsed());
  EXPECT_EQ(row.provider, provider::bedrock);
  EXPECT_TRUE(row.streamed);
  return row;
}

TEST(exchange_account, a_model_invoked_on_bedrock_streams_in_binary_events_what_its_own_api_tells) {
  const usage_record row = row_of_stream(
      "/model/anthropic.claude-sim-v1%3A0/invoke-with-response-stream",
      chunk(R"({"type":"message_start","message":{"id":"msg_1","model":"claude-sim","usage":{"input_tokens":31,)"
            R"("cache_creation_input_tokens":400,"cache_read_input_tokens":5000,"output_tokens":1}}})") +
          chunk(R"({"type":"content_block_delta","delta":{"text":"a"}})") +
          chunk(R"({"type":"message_delta","delta":{},"usage":{"output_tokens":77}})") +
          chunk(
              R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":31,"outputTokenCount":77,)"
              R"("cacheReadInputTokenCount":5000,"cacheWriteInputTokenCount":400,"invocationLatency":9}})"));
  EXPECT_EQ(row.status, record_status::complete);
  EXPECT_EQ(row.requested_model, "anthropic.claude-sim-v1:0");
  EXPECT_EQ(row.served_model, "claude-sim");
  EXPECT_EQ(row.tokens.input_uncached, 31);
  EXPECT_EQ(row.tokens.cache_read, 5000);
  EXPECT_EQ(row.tokens.cache_write, 400);
  EXPECT_EQ(row.tokens.output_total, 77);
}

TEST(exchange_account, converse_streams_its_usage_in_the_last_event) {
  const usage_record row =
      row_of_stream("/model/m/converse-stream",
                    event("messageStart", R"({"role":"assistant"})") +
                        event("contentBlockDelta", R"({"delta":{"text":"a"},"contentBlockIndex":0})") +
                        event("messageStop", R"({"stopReason":"end_turn"})") +
                        event("metadata", R"({"usage":{"inputTokens":12,"outputTokens":5,"totalTokens":117,)"
                                          R"("cacheReadInputTokens":100},"metrics":{"latencyMs":9}})"));
  EXPECT_EQ(row.status, record_status::complete);
  EXPECT_EQ(row.tokens.input_uncached, 12);
  EXPECT_EQ(row.tokens.cache_read, 100);
  EXPECT_EQ(row.tokens.output_total, 5);
  EXPECT_EQ(row.usage_flags, 0);
}

TEST(exchange_account, a_form_that_uploads_a_file_names_its_model) {
  const std::string head =
      "POST /v1/audio/transcriptions HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n";
  const std::string body =
      "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--x\r\n"
      "Content-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-sim\r\n--x--\r\n";
  for (const std::size_t size : {1u, 7u, 1000u}) {
    exchange_account account("api.openai.com", *net::wire::parse_request_head(head), {});
    for (const auto piece : support::pieces_of(body, size)) account.request_body(piece);
    account.request_end();
    answer(account, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
    account.response_body(R"({"text":"a","usage":{"type":"duration","seconds":7}})");
    const usage_record row = account.finish(ending::complete, "");
    EXPECT_TRUE(account.parsed());
    EXPECT_EQ(row.requested_model, "whisper-sim");
    EXPECT_EQ(row.facts.audio_ms, 7000);
    EXPECT_EQ(row.status, record_status::complete);
  }
}

TEST(exchange_account, a_moved_account_goes_on) {
  const vector& v = named("google_sse");
  exchange_account first = open_account(v);
  first.request_body(v.request_body);
  exchange_account second(std::move(first));
  second.request_end();
  answer(second, v.response_head);
  second.response_body(v.response_body);
  const usage_record record = second.finish(v.how, "");
  EXPECT_EQ(golden::render(record, second.parsed()), v.record);
}

}  // namespace
}  // namespace usage
