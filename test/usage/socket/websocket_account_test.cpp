#include "usage/socket/websocket_account.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/wire/websocket_encoder.hpp"
#include "test/support/split.hpp"
#include "test/support/websocket_frames.hpp"

namespace usage {
namespace {

using support::websocket::text;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t opened = 1'000'000;  // Unix ms

/// One socket and the turns that were booked.
class socket : websocket_account::sink {
 public:
  explicit socket(std::string_view target = "/v1/responses", std::string_view answered = {},
                  std::string_view asked = {}, const account_limits& limits = {})
      : account_(upgrade(target, asked), answer(answered), limits, *this) {}

  socket& client(std::string_view json) { return send(true, text(json, support::websocket::from_client({}))); }
  socket& server(std::string_view json) { return send(false, text(json)); }
  socket& send(bool from_client, const std::string& bytes) {
    ++now_;
    from_client ? account_.client_bytes(bytes, now_) : account_.server_bytes(bytes, now_);
    return *this;
  }
  socket& rewritten(std::string rules, std::string changes, bool answered = false) {
    account_.rewritten(std::move(rules), std::move(changes), answered);
    return *this;
  }
  socket& wait(std::int64_t ms) {
    now_ += ms;
    return *this;
  }
  socket& end() {
    account_.end(now_);
    return *this;
  }

  std::string_view unread() const { return account_.unread(); }
  const std::vector<usage_record>& rows() const { return rows_; }
  const usage_record& row() const {
    EXPECT_THAT(rows_, SizeIs(1));
    static const usage_record none;
    return rows_.empty() ? none : rows_.back();
  }
  bool parsed() const { return parsed_; }

 private:
  static socket_upgrade upgrade(std::string_view target, std::string_view fields) {
    return {"API.example.com", {"GET", target, 1, net::wire::header_fields(fields)}};
  }
  static net::wire::response_head answer(std::string_view fields) {
    return {1, 101, {}, net::wire::header_fields(fields)};
  }
  void on_turn(usage_record&& record, bool parsed) override {
    rows_.push_back(std::move(record));
    parsed_ = parsed_ && parsed;
  }

  std::vector<usage_record> rows_;
  bool parsed_ = true;
  std::int64_t now_ = opened;
  websocket_account account_;
};

constexpr std::string_view ask =
    R"({"type":"response.create","model":"gpt-5","input":[{"role":"user","content":"hi"}]})";

std::string created(std::string_view id, std::string_view more = {}) {
  return R"({"type":"response.created",)" + std::string(more) + R"("response":{"id":")" + std::string(id) +
         R"(","model":"gpt-5-2026","status":"in_progress","usage":null}})";
}
std::string over(std::string_view how, std::string_view id, int input, int output, std::string_view more = {}) {
  return R"({"type":"response.)" + std::string(how) + R"(",)" + std::string(more) + R"("response":{"id":")" +
         std::string(id) + R"(","model":"gpt-5-2026","usage":{"input_tokens":)" + std::to_string(input) +
         R"(,"input_tokens_details":{"cached_tokens":3},"output_tokens":)" + std::to_string(output) +
         R"(,"output_tokens_details":{"reasoning_tokens":1}}}})";
}
std::string delta(std::string_view more = {}) {
  return R"({"type":"response.output_text.delta",)" + std::string(more) + R"("delta":"ok"})";
}

TEST(websocket_account, a_turn_is_booked_at_its_terminal_event) {
  socket one;
  one.client(ask).server(created("r1")).wait(20).server(delta());
  EXPECT_THAT(one.rows(), IsEmpty());
  one.wait(100).server(over("completed", "r1", 10, 5));
  const usage_record& row = one.row();
  EXPECT_EQ(row.status, record_status::complete);
  EXPECT_EQ(row.kind, call_kind::model);
  EXPECT_EQ(row.transport, transport::websocket);
  EXPECT_EQ(row.provider, provider::openai_responses);
  EXPECT_EQ(row.host, "api.example.com");
  EXPECT_EQ(row.method + " " + row.path, "GET /v1/responses");
  EXPECT_EQ(row.http_status, 101u);
  EXPECT_EQ(row.requested_model, "gpt-5");
  EXPECT_EQ(row.served_model, "gpt-5-2026");
  EXPECT_EQ(row.response_id, "r1");
  EXPECT_EQ(row.tokens.input_uncached, 7);
  EXPECT_EQ(row.tokens.cache_read, 3);
  EXPECT_EQ(row.tokens.output_total, 5);
  EXPECT_EQ(row.tokens.thinking, 1);
  EXPECT_EQ(row.started_at, opened + 1);
  EXPECT_EQ(row.first_byte_ms, 22) << "from the request to the first words";
  EXPECT_EQ(row.duration_ms, 123);
  EXPECT_EQ(row.request_bytes, static_cast<std::int64_t>(ask.size() + 6)) << "its frame's head and mask count";
  const std::string told = text(created("r1")) + text(delta()) + text(over("completed", "r1", 10, 5));
  EXPECT_EQ(row.response_bytes, static_cast<std::int64_t>(told.size()));
  EXPECT_TRUE(one.parsed());
}

TEST(websocket_account, every_turn_of_a_socket_is_a_row_also_if_the_ids_repeat) {
  socket one;
  for (int turn = 1; turn <= 3; ++turn)
    one.client(ask).server(created("same")).server(over("completed", "same", 10 * turn, turn));
  ASSERT_THAT(one.rows(), SizeIs(3));
  for (int turn = 1; turn <= 3; ++turn) EXPECT_EQ(one.rows()[turn - 1].tokens.output_total, turn);
}

TEST(websocket_account, turns_in_parallel_are_told_apart_by_their_stream) {
  socket one;
  one.client(R"({"model":"a","stream_id":"s1","prompt_cache_key":"left","type":"response.create"})")
      .client(R"({"model":"b","stream_id":"s2","prompt_cache_key":"right","type":"response.create"})")
      .server(created("r2", R"("stream_id":"s2",)"))
      .server(created("r1", R"("stream_id":"s1",)"))
      .server(delta(R"("stream_id":"s1",)"))
      .server(over("completed", "r2", 20, 2, R"("stream_id":"s2",)"))
      .server(over("incomplete", "r1", 10, 1, R"("stream_id":"s1",)"));
  ASSERT_THAT(one.rows(), SizeIs(2));
  EXPECT_EQ(one.rows()[0].requested_model + one.rows()[0].response_id + one.rows()[0].conversation, "br2right");
  EXPECT_EQ(one.rows()[0].tokens.output_total, 2);
  EXPECT_EQ(one.rows()[1].requested_model + one.rows()[1].response_id + one.rows()[1].conversation, "ar1left");
  EXPECT_EQ(one.rows()[1].tokens.output_total, 1);
}

TEST(websocket_account, a_turn_that_failed_is_an_error_with_the_tokens_it_cost) {
  socket one;
  one.client(ask).server(
      R"({"type":"response.failed","response":{"id":"r","error":{"code":"server_error","message":"x"},)"
      R"("usage":{"input_tokens":4,"output_tokens":0}}})");
  EXPECT_EQ(one.row().status, record_status::error);
  EXPECT_EQ(one.row().error_reason, "server_error");
  EXPECT_EQ(one.row().tokens.input_uncached, 4);
}

TEST(websocket_account, an_error_event_ends_a_turn_with_its_own_status) {
  socket one;
  one.client(ask).server(
      R"({"type":"error","status":429,"error":{"type":"rate_limit","code":"rate_limit_exceeded","message":"x"}})");
  EXPECT_EQ(one.row().status, record_status::error);
  EXPECT_EQ(one.row().http_status, 429u);
  EXPECT_EQ(one.row().error_reason, "rate_limit_exceeded");
  one.client(ask).server(over("completed", "r", 1, 1));
  EXPECT_THAT(one.rows(), SizeIs(2)) << "the socket goes on";
}

TEST(websocket_account, an_error_event_without_a_turn_books_nothing) {
  socket one;
  one.server(R"({"type":"error","status":400,"error":{"code":"websocket_connection_limit_reached"}})").end();
  EXPECT_THAT(one.rows(), IsEmpty());
}

TEST(websocket_account, a_socket_that_is_cut_in_mid_turn_leaves_interrupted_turns) {
  socket one;
  one.client(ask).server(created("r1")).wait(50).end();
  EXPECT_EQ(one.row().status, record_status::interrupted);
  EXPECT_EQ(one.row().response_id, "r1");
  EXPECT_EQ(one.row().duration_ms, 51);
  EXPECT_FALSE(one.row().tokens.output_total);
}

TEST(websocket_account, a_cancelled_turn_is_complete_if_its_last_event_counts_and_else_interrupted) {
  socket counted;
  counted.client(ask).server(created("r")).client(R"({"type":"response.cancel"})").server(over("cancelled", "r", 9, 2));
  EXPECT_EQ(counted.row().status, record_status::complete);
  EXPECT_EQ(counted.row().tokens.output_total, 2);
  socket silent;
  silent.client(ask).server(R"({"type":"response.cancelled","response":{"id":"r","usage":null}})");
  EXPECT_EQ(silent.row().status, record_status::interrupted);
}

TEST(websocket_account, a_terminal_event_without_usage_is_unreported) {
  socket one;
  one.client(ask).server(R"({"type":"response.completed","response":{"id":"r","usage":null}})");
  EXPECT_EQ(one.row().status, record_status::unreported);
}

TEST(websocket_account, a_request_that_generates_nothing_is_a_prewarm) {
  socket one;
  one.client(R"({"type":"response.create","generate":false,"model":"m","input":[]})")
      .server(over("completed", "r", 9, 0));
  one.client(R"({"type":"response.create","generate":true,"model":"m","input":[]})")
      .server(over("completed", "s", 9, 1));
  ASSERT_THAT(one.rows(), SizeIs(2));
  EXPECT_EQ(one.rows()[0].kind, call_kind::prewarm);
  EXPECT_EQ(one.rows()[0].tokens.cache_read, 3);
  EXPECT_EQ(one.rows()[1].kind, call_kind::model);
}

TEST(websocket_account, an_answer_that_nobody_was_seen_to_ask_for_is_booked) {
  socket one;
  one.server(over("completed", "r", 9, 2));
  EXPECT_EQ(one.row().tokens.output_total, 2);
}

TEST(websocket_account, the_conversation_is_told_by_the_upgrade_or_by_the_message) {
  socket by_header("/v1/responses", "", "thread-id: t1\r\n");
  by_header.client(R"({"type":"response.create","prompt_cache_key":"k"})").server(over("completed", "r", 1, 1));
  EXPECT_EQ(by_header.row().conversation, "t1");
  EXPECT_EQ(by_header.row().attributed_by, "header:thread-id");
  socket by_message;
  by_message.client(R"({"type":"response.create","prompt_cache_key":"k"})").server(over("completed", "r", 1, 1));
  EXPECT_EQ(by_message.row().conversation, "k");
}

TEST(websocket_account, rate_limits_and_other_events_change_no_turn) {
  socket one;
  one.client(ask)
      .server(R"({"type":"codex.rate_limits","plan_type":"plus","rate_limits":{"primary":{"used_percent":12}}})")
      .server(R"({"type":"response.in_progress","response":{"id":"r"}})")
      .server(over("completed", "r", 1, 1));
  EXPECT_FALSE(one.row().first_byte_ms) << "none of them is a part of the answer";
}

TEST(websocket_account, compressed_messages_with_a_shared_window_are_read_in_any_split) {
  using net::wire::websocket_encoder;
  using net::wire::websocket_opcode;
  const net::wire::websocket_deflate deflated{.on = true};
  std::string up;
  std::string down;
  websocket_encoder client(deflated);
  websocket_encoder server(deflated);
  for (int turn = 1; turn <= 3; ++turn) {
    client.encode(websocket_opcode::text, true, ask, net::wire::websocket_mask{'a', 'b', 'c', 'd'}, up);
    for (const auto& event : {created("r"), delta(), over("completed", "r", 10, turn)})
      server.encode(websocket_opcode::text, true, event, std::nullopt, down);
  }
  for (const std::size_t size : {1, 2, 3, 7, 100'000}) {
    socket one("/v1/responses", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    for (const auto piece : support::pieces_of(up, size)) one.send(true, std::string(piece));
    for (const auto piece : support::pieces_of(down, size)) one.send(false, std::string(piece));
    ASSERT_THAT(one.rows(), SizeIs(3)) << size;
    for (int turn = 1; turn <= 3; ++turn) EXPECT_EQ(one.rows()[turn - 1].tokens.output_total, turn);
    EXPECT_TRUE(one.parsed());
  }
}

TEST(websocket_account, an_hour_of_turns_and_pings_is_read_to_its_end) {
  constexpr int turns = 600;
  constexpr std::int64_t pause = 5'900;  // ms
  socket one;
  for (int turn = 1; turn <= turns; ++turn) {
    one.client(ask).server(created("r")).wait(100).send(false, support::websocket::ping("there?"));
    one.server(over("completed", "r", 10, turn)).wait(pause);
    ASSERT_THAT(one.rows(), SizeIs(turn)) << "as each ends";
  }
  EXPECT_GE(one.rows().back().started_at - one.rows().front().started_at, 59 * 60'000);
  EXPECT_EQ(one.rows().back().duration_ms, 103);
  EXPECT_EQ(one.unread(), "");
}

TEST(websocket_account, what_cannot_be_read_is_said_and_open_turns_end_as_interrupted) {
  socket one;
  one.client(ask).send(false, "\x81\x80????");  // a server must not mask
  EXPECT_EQ(one.unread(), "a WebSocket whose server's messages cannot be followed");
  EXPECT_EQ(one.row().status, record_status::interrupted);
  one.client(ask).server(over("completed", "r", 1, 1)).end();
  EXPECT_THAT(one.rows(), SizeIs(1)) << "nothing is read any longer";
}

TEST(websocket_account, an_unknown_api_extension_or_subprotocol_is_not_read) {
  EXPECT_EQ(socket("/v1/other").unread(), "a WebSocket of an unknown API");
  EXPECT_EQ(socket("/v1/responses", "Sec-WebSocket-Extensions: x-other\r\n").unread(),
            "a WebSocket with an unknown extension");
  EXPECT_EQ(socket("/v1/responses", "Sec-WebSocket-Protocol: wamp\r\n").unread(),
            "a WebSocket with an unknown subprotocol");
  EXPECT_EQ(socket("/v1/realtime?model=m", "Sec-WebSocket-Protocol: realtime\r\n").unread(), "");
}

TEST(websocket_account, more_open_turns_than_any_provider_allows_end_the_reading) {
  socket one;
  for (std::size_t i = 0; i < websocket_account::max_turns; ++i) one.client(ask);
  EXPECT_EQ(one.unread(), "");
  one.client(ask);
  EXPECT_EQ(one.unread(), "a WebSocket with too many open turns");
  EXPECT_THAT(one.rows(), SizeIs(websocket_account::max_turns));
}

TEST(websocket_account, a_message_that_is_no_json_is_skipped) {
  socket one;
  one.client(ask).server("{").server(over("completed", "r", 1, 1));
  EXPECT_EQ(one.row().status, record_status::complete);
  EXPECT_FALSE(one.parsed());
}

// OpenAI Realtime.

TEST(websocket_account, a_realtime_response_is_a_turn_that_the_server_begins) {
  socket one("/v1/realtime?model=gpt-realtime");
  one.client(R"({"type":"session.update","session":{"voice":"x"}})")
      .server(R"({"type":"response.created","response":{"id":"r1","status":"in_progress"}})")
      .server(R"({"type":"response.output_audio.delta","response_id":"r1","item_id":"item_1","delta":"AAAA"})")
      .server(R"({"type":"response.done","response":{"id":"r1","status":"completed","usage":{"total_tokens":30,)"
              R"("input_tokens":20,"output_tokens":10,"input_token_details":{"cached_tokens":8,"text_tokens":5,)"
              R"("audio_tokens":15},"output_token_details":{"text_tokens":2,"audio_tokens":8}}}})");
  EXPECT_EQ(one.row().status, record_status::complete);
  EXPECT_EQ(one.row().requested_model, "gpt-realtime");
  EXPECT_EQ(one.row().response_id, "r1");
  EXPECT_EQ(one.row().first_byte_ms, 1) << "an event that names an item belongs to its answer, too";
  EXPECT_EQ(one.row().tokens.input_uncached, 12);
  EXPECT_EQ(one.row().tokens.cache_read, 8);
  EXPECT_EQ(one.row().tokens.output_total, 10);
  EXPECT_NE(one.row().raw_usage.find("\"audio_tokens\":15"), std::string::npos);
}

TEST(websocket_account, a_realtime_response_that_the_user_interrupted_is_counted) {
  socket one("/v1/realtime?model=m");
  one.server(R"({"type":"response.done","response":{"id":"r","status":"cancelled","usage":{"input_tokens":3,)"
             R"("output_tokens":1}}})");
  EXPECT_EQ(one.row().status, record_status::complete);
  EXPECT_EQ(one.row().tokens.output_total, 1);
}

TEST(websocket_account, a_refused_realtime_message_ends_no_turn) {
  socket one("/v1/realtime?model=m");
  one.server(R"({"type":"response.created","response":{"id":"r"}})")
      .server(R"({"type":"error","error":{"type":"invalid_request_error","code":"x"}})");
  EXPECT_THAT(one.rows(), IsEmpty());
  one.server(R"({"type":"response.done","response":{"id":"r","status":"completed","usage":{"input_tokens":3,)"
             R"("output_tokens":1}}})");
  EXPECT_EQ(one.row().status, record_status::complete);
}

TEST(websocket_account, the_transcription_of_what_was_said_is_a_call_of_its_own) {
  socket one("/v1/realtime?model=m");
  one.server(R"({"type":"conversation.item.input_audio_transcription.completed","item_id":"i","transcript":"x",)"
             R"("usage":{"type":"tokens","total_tokens":22,"input_tokens":13,"output_tokens":9}})");
  EXPECT_EQ(one.row().request_kind, "transcription");
  EXPECT_EQ(one.row().tokens.output_total, 9);
  EXPECT_EQ(one.row().status, record_status::complete);
}

// Gemini Live.

constexpr std::string_view live_path =
    "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=secret";

TEST(websocket_account, a_turn_of_gemini_live_ends_when_it_is_complete) {
  socket one(live_path);
  one.client(R"({"setup":{"model":"models/gemini-live"}})")
      .server(R"({"setupComplete":{}})")
      .client(R"({"clientContent":{"turns":[],"turnComplete":true}})")
      .server(R"({"serverContent":{"modelTurn":{"parts":[{"text":"hi"}]}}})")
      .server(R"({"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":8,)"
              R"("responseTokenCount":5,"thoughtsTokenCount":2,"totalTokenCount":15}})");
  EXPECT_EQ(one.row().status, record_status::complete);
  EXPECT_EQ(one.row().provider, provider::google);
  EXPECT_EQ(one.row().requested_model, "gemini-live");
  EXPECT_EQ(one.row().tokens.input_uncached, 8);
  EXPECT_EQ(one.row().tokens.output_total, 7);
  EXPECT_EQ(one.row().path.find("secret"), std::string::npos);
}

TEST(websocket_account, the_usage_of_gemini_live_may_follow_the_end_of_the_turn) {
  socket one(live_path);
  one.client(R"({"clientContent":{}})")
      .server(R"({"serverContent":{"turnComplete":true}})")
      .server(R"({"usageMetadata":{"promptTokenCount":8,"responseTokenCount":5}})");
  EXPECT_EQ(one.row().tokens.output_total, 5);
  one.client(R"({"clientContent":{}})")
      .server(R"({"serverContent":{"turnComplete":true}})")
      .client(R"({"clientContent":{}})");
  ASSERT_THAT(one.rows(), SizeIs(2)) << "by the next turn at the latest";
  EXPECT_EQ(one.rows()[1].status, record_status::unreported);
}

TEST(websocket_account, a_message_over_the_limit_decoded_body_is_the_last_that_is_read) {
  account_limits limits;
  limits.decoded_body = 100;
  socket s("/v1/responses", {}, {}, limits);
  s.client(R"({"type":"response.create","model":"a"})");
  s.server(R"({"type":"response.output_text.delta","delta":")" + std::string(100, 'x') + "\"}");
  EXPECT_EQ(s.unread(), "a WebSocket whose server's messages cannot be followed");
  EXPECT_EQ(s.row().status, record_status::interrupted) << "what was open";
}

TEST(websocket_account, what_rules_did_to_a_message_is_in_the_row_of_its_turn) {
  socket s;
  s.client(R"({"type":"response.create","model":"a"})").rewritten("cheaper", "model a -> b");
  s.client(R"({"type":"response.create","model":"b","stream_id":"2"})");
  s.server(R"({"type":"response.completed","response":{"id":"r1","usage":{"input_tokens":1,"output_tokens":1}}})");
  s.server(R"({"type":"response.completed","stream_id":"2","response":{"id":"r2"}})").end();
  ASSERT_THAT(s.rows(), SizeIs(2));
  EXPECT_EQ(s.rows()[0].rules, "");
  EXPECT_EQ(s.rows()[1].rules, "cheaper");
  EXPECT_EQ(s.rows()[1].rewrite, "model a -> b");
}

TEST(websocket_account, a_remark_about_a_message_that_begins_no_turn_is_dropped) {
  socket s;
  s.rewritten("", "x not applied").client(R"({"type":"response.cancel"})");
  s.client(R"({"type":"response.create"})").end();
  EXPECT_EQ(s.row().rewrite, "");
}

TEST(websocket_account, a_turn_that_was_answered_here_spent_nothing) {
  socket s;
  s.rewritten("hello", "mock /a.sse", true).client(R"({"type":"response.create","model":"a"})");
  s.server(R"({"type":"response.completed","response":{"id":"r1","usage":{"input_tokens":9,"output_tokens":9}}})");
  EXPECT_EQ(s.row().status, record_status::unreported);
  EXPECT_EQ(s.row().tokens.input_total().value_or(0), 0);
  EXPECT_EQ(s.row().response_id, "");
  EXPECT_EQ(s.row().requested_model, "a");
}

TEST(websocket_account, a_turn_that_was_blocked_is_an_error_with_its_status) {
  socket s;
  s.rewritten("no", "block", true).client(R"({"type":"response.create","model":"a"})");
  s.server(R"({"type":"error","status":403,"error":{"type":"invalid_request_error","code":"blocked_by_rule"}})");
  EXPECT_EQ(s.row().status, record_status::error);
  EXPECT_EQ(s.row().http_status, 403u);
  EXPECT_EQ(s.row().error_reason, "blocked_by_rule");
  EXPECT_EQ(s.row().rules, "no");
}

}  // namespace
}  // namespace usage
