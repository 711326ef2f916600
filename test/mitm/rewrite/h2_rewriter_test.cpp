#include "mitm/rewrite/h2_rewriter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "test/support/h2_frames.hpp"
#include "test/support/scripted_rules.hpp"
#include "test/support/transcript.hpp"
#include "test/support/websocket_frames.hpp"

namespace {

using mitm::h2_endpoint;
using mitm::side;
using support::transcript;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::string text(const mitm::h2_fields& fields) {
  std::string all;
  for (const auto& each : fields) all += each.name + "=" + each.value + ";";
  return all;
}

/// One end of a connection in the hands of a test: writes down what it hears, acknowledges only if it is to.
struct peer final : h2_endpoint::events {
  explicit peer(side faces, std::uint32_t window = 65535) : end(faces, *this, {65536, 100, window, 65535}) {}

  void on_fields(side, int id, mitm::h2_fields fields, bool ends) override {
    heard[id] += text(fields) + (ends ? "END" : "");
    last = id;
  }
  void on_body(side, int id, std::string_view piece) override {
    heard[id] += piece;
    got += piece.size();
    if (reading) end.consumed(id, piece.size());
  }
  void on_body_end(side, int id) override { heard[id] += "END"; }
  void on_closed(side, int id, std::uint32_t error) override {
    if (error != 0) heard[id] += "RESET" + std::to_string(error);
  }
  void on_goaway(side, int id, std::uint32_t error) override {
    goaway = (id == INT32_MAX ? "soon " : "") + std::to_string(error);
  }
  void on_settings(side) override {}
  void on_sent(side, int, std::size_t, std::size_t) override {}

  h2_endpoint end;
  std::map<int, std::string> heard;
  std::string goaway;
  std::size_t got = 0;
  int last = 0;
  bool reading = true;
};

class h2_rewriter : public testing::Test {
 protected:
  /// Until nobody has anything to say.
  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      moved |= pass(client_.end.take(1 << 20), [&](const auto& bytes) { rewriter_.feed(side::downstream, bytes); });
      moved |= pass(origin_.end.take(1 << 20), [&](const auto& bytes) { rewriter_.feed(side::upstream, bytes); });
      moved |= pass(rewriter_.take(side::upstream), [&](const auto& bytes) { origin_.end.feed(bytes); });
      moved |= pass(rewriter_.take(side::downstream), [&](const auto& bytes) { client_.end.feed(bytes); });
    }
  }

  int ask(const std::string& method, const std::string& path, bool ends = true, mitm::h2_fields more = {}) {
    mitm::h2_fields fields{{":method", method}, {":scheme", "https"}, {":authority", "api.test"}, {":path", path}};
    fields.insert(fields.end(), more.begin(), more.end());
    const int id = client_.end.request(fields, ends);
    settle();
    return id;
  }

  int post(const std::string& path, std::string_view body, mitm::h2_fields more = {}) {
    const int id = ask("POST", path, false, more);
    client_.end.send(id, body);
    client_.end.finish(id);
    settle();
    return id;
  }

  void answer(int id, const std::string& body, mitm::h2_fields more = {}) {
    mitm::h2_fields fields{{":status", "200"}};
    fields.insert(fields.end(), more.begin(), more.end());
    origin_.end.respond(id, fields, false);
    origin_.end.send(id, body);
    origin_.end.finish(id);
    settle();
  }

  support::scripted_rules rules_;
  transcript heard_;
  net::memory_budget budget_{1 << 20};
  mitm::h2_rewriter rewriter_{
      rules_, heard_, {.head = 4096, .body = 100'000, .open_streams = 4, .held = &budget_}, support::fixed_mask};
  peer client_{side::upstream};
  peer origin_{side::downstream};

 private:
  template <class Feed>
  static bool pass(const std::string& bytes, Feed feed) {
    if (!bytes.empty()) feed(bytes);
    return !bytes.empty();
  }
};

TEST_F(h2_rewriter, a_request_that_no_rule_wants_and_its_answer_pass) {
  const int id = post("/v1", "hello", {{"x-a", "b"}});
  EXPECT_EQ(origin_.heard[1], ":method=POST;:scheme=https;:authority=api.test;:path=/v1;x-a=b;helloEND");
  answer(1, "hi", {{"x-b", "c"}});
  EXPECT_EQ(client_.heard[id], ":status=200;x-b=c;hiEND");
  EXPECT_THAT(heard_.take(),
              ElementsAre("    #1 request POST /v1", "    #1 request body \"hello\"", "    #1 request end",
                          "    #1 response 200", "    #1 response body \"hi\"", "    #1 end complete"));
  EXPECT_EQ(rewriter_.current(), mitm::connection_tracker::phase::idle);
}

TEST_F(h2_rewriter, a_body_that_no_rule_wants_is_sent_on_before_it_is_whole) {
  const int id = ask("POST", "/v1", false);
  client_.end.send(id, "he");
  settle();
  EXPECT_THAT(origin_.heard[1], testing::EndsWith("he"));
  origin_.end.respond(1, {{":status", "200"}}, false);
  origin_.end.send(1, "early");
  settle();
  EXPECT_EQ(client_.heard[id], ":status=200;early");
}

TEST_F(h2_rewriter, a_wanted_request_is_held_until_it_is_whole_and_its_length_made_right) {
  const int id = ask("POST", "/change", false, {{"content-length", "5"}});
  client_.end.send(id, "hello");
  settle();
  EXPECT_THAT(origin_.heard, IsEmpty());
  client_.end.finish(id);
  settle();
  EXPECT_EQ(origin_.heard[1],
            ":method=POST;:scheme=https;:authority=api.test;:path=/change;content-length=6;x-changed=yes;hello!END");
  answer(1, "ok");
  EXPECT_THAT(heard_.take(), Contains("    #1 rewritten changer: added !"));
}

TEST_F(h2_rewriter, a_held_body_may_be_longer_than_a_window) {
  const std::string body(90'000, 'a');
  post("/change", body);
  EXPECT_THAT(origin_.heard[1], testing::EndsWith(body + "!END"));
}

TEST_F(h2_rewriter, a_body_over_the_limit_passes_as_it_came_and_is_noted) {
  const std::string body(100'001, 'a');
  post("/change", body);
  EXPECT_THAT(origin_.heard[1], testing::EndsWith("/change;" + body + "END"));
  EXPECT_THAT(heard_.take(), Contains(HasSubstr("limits.rewrite_body")));
}

TEST_F(h2_rewriter, a_body_that_the_budget_of_all_has_no_room_for_passes_as_it_came_and_is_noted) {
  net::memory_budget::share others(&budget_);
  ASSERT_TRUE(others.cover(budget_.limit() / 8 * 7 - 4096));
  const std::string body(90'000, 'a');
  post("/change", body);
  EXPECT_THAT(origin_.heard[1], testing::EndsWith("/change;" + body + "END"));
  EXPECT_THAT(heard_.take(), Contains(HasSubstr("limits.held_bodies")));
  EXPECT_EQ(budget_.used(), others.size());
  others.shrink_to(0);
  post("/change", body);
  EXPECT_THAT(origin_.heard[3], testing::EndsWith("a!END"));
  EXPECT_EQ(budget_.used(), 0u) << "it has left";
}

TEST_F(h2_rewriter, a_request_without_a_body_may_get_one) {
  ask("GET", "/change");
  EXPECT_THAT(origin_.heard[1], testing::EndsWith("x-changed=yes;!END"));
}

TEST_F(h2_rewriter, an_answer_of_our_own_never_reaches_the_origin) {
  const int id = post("/answer", "hi");
  EXPECT_THAT(origin_.heard, IsEmpty());
  EXPECT_EQ(client_.heard[id], ":status=403;content-type=application/json;content-length=8;{\"no\":1}END");
  EXPECT_THAT(heard_.take(), ElementsAre("    #1 request POST /answer", "    #1 rewritten blocker: blocked",
                                         "    #1 request body \"hi\"", "    #1 request end", "    #1 response 403",
                                         "    #1 response body \"{\"no\":1}\"", "    #1 end complete"));
  EXPECT_EQ(rewriter_.current(), mitm::connection_tracker::phase::idle);
  const int next = ask("GET", "/v1");
  answer(origin_.last, "yes");
  EXPECT_THAT(client_.heard[next], HasSubstr("yes"));
}

TEST_F(h2_rewriter, a_client_that_waits_for_100_continue_is_told_to_go_on) {
  const int id = ask("POST", "/change", false, {{"expect", "100-continue"}});
  EXPECT_EQ(client_.heard[id], ":status=100;");
  client_.end.finish(id);
  settle();
  EXPECT_THAT(origin_.heard[1], testing::Not(HasSubstr("expect")));
}

TEST_F(h2_rewriter, what_is_taken_out_of_an_answer_is_gone_and_the_rest_arrives) {
  const int id = ask("GET", "/strip");
  origin_.end.respond(1, {{":status", "200"}, {"content-length", "3"}}, false);
  origin_.end.send(1, "axb");
  settle();
  EXPECT_EQ(client_.heard[id], ":status=200;ab") << "at once";
  origin_.end.finish(1);
  settle();
  EXPECT_EQ(client_.heard[id], ":status=200;ab.END");
  EXPECT_THAT(heard_.take(), Contains(HasSubstr("body \"axb\"")));
}

TEST_F(h2_rewriter, an_answer_of_which_nothing_is_left_does_not_stop_the_origin) {
  ask("GET", "/strip");
  answer(1, std::string(3'000'000, 'x'));
  EXPECT_THAT(heard_.take(), Contains("    #1 end complete"));
}

TEST_F(h2_rewriter, interim_answers_and_trailers_of_both_sides_pass) {
  const int id = ask("POST", "/v1", false);
  client_.end.finish(id, {{"x-sum", "1"}});
  settle();
  EXPECT_THAT(origin_.heard[1], testing::EndsWith("x-sum=1;END"));
  origin_.end.interim(1, {{":status", "103"}});
  origin_.end.respond(1, {{":status", "200"}}, false);
  origin_.end.send(1, "m");
  origin_.end.finish(1, {{"grpc-status", "0"}});
  settle();
  EXPECT_EQ(client_.heard[id], ":status=103;:status=200;mgrpc-status=0;END");
}

TEST_F(h2_rewriter, a_held_request_keeps_its_trailers) {
  const int id = ask("POST", "/change", false);
  client_.end.send(id, "a");
  client_.end.finish(id, {{"x-sum", "1"}});
  settle();
  EXPECT_THAT(origin_.heard[1], testing::EndsWith("a!x-sum=1;END"));
}

TEST_F(h2_rewriter, a_client_that_resets_a_stream_resets_that_of_the_origin) {
  const int id = ask("GET", "/v1");
  client_.end.reset(id, 8);
  settle();
  EXPECT_THAT(origin_.heard[1], testing::EndsWith("RESET8"));
  EXPECT_THAT(heard_.take(), Contains("    #1 end downstream_aborted: CANCEL"));
}

TEST_F(h2_rewriter, a_client_that_resets_a_held_stream_leaves_nothing_behind) {
  const int id = ask("POST", "/change", false);
  client_.end.reset(id, 8);
  settle();
  EXPECT_THAT(origin_.heard, IsEmpty());
  EXPECT_EQ(rewriter_.current(), mitm::connection_tracker::phase::idle);
}

TEST_F(h2_rewriter, an_origin_that_resets_a_stream_lets_the_client_have_what_came_before) {
  const int id = ask("GET", "/v1");
  origin_.end.respond(1, {{":status", "200"}}, false);
  origin_.end.send(1, "part");
  settle();
  origin_.end.reset(1, 2);
  settle();
  EXPECT_EQ(client_.heard[id], ":status=200;partRESET2");
  EXPECT_THAT(heard_.take(), Contains("    #1 end upstream_aborted: INTERNAL_ERROR"));
}

TEST_F(h2_rewriter, a_refused_stream_is_refused) {
  const int id = ask("GET", "/v1");
  origin_.end.reset(1, 7);
  settle();
  EXPECT_THAT(client_.heard[id], testing::EndsWith("RESET7"));
}

TEST_F(h2_rewriter, a_goaway_of_the_origin_is_told_to_the_client) {
  ask("GET", "/v1");
  origin_.end.goaway(0, true);
  settle();
  EXPECT_EQ(client_.goaway, "soon 0");
  origin_.end.goaway(0, false);
  settle();
  EXPECT_EQ(client_.goaway, "0");
}

TEST_F(h2_rewriter, an_origin_that_goes_away_ends_what_is_open_and_then_the_client) {
  const int id = ask("GET", "/v1");
  rewriter_.feed_end(side::upstream, true);
  EXPECT_THAT(heard_.take(), Contains("    #1 end upstream_aborted: the origin ended before the response"));
  settle();
  EXPECT_THAT(client_.heard[id], testing::StartsWith("RESET"));
  EXPECT_TRUE(rewriter_.ended(side::downstream));
}

TEST_F(h2_rewriter, an_answer_that_the_client_still_takes_outlives_the_origin) {
  client_.reading = false;
  const int id = ask("GET", "/v1");
  answer(1, std::string(200'000, 'a'));
  rewriter_.feed_end(side::upstream, true);
  settle();
  EXPECT_FALSE(rewriter_.ended(side::downstream));
  client_.reading = true;
  client_.end.consumed(id, client_.got);
  settle();
  EXPECT_EQ(client_.got, 200'000u);
  EXPECT_TRUE(rewriter_.ended(side::downstream));
}

TEST_F(h2_rewriter, a_client_that_does_not_read_slows_down_the_origin) {
  client_.reading = false;
  ask("GET", "/v1");
  origin_.end.respond(1, {{":status", "200"}}, false);
  origin_.end.send(1, std::string(50'000'000, 'a'));
  settle();
  EXPECT_LE(client_.got, 65'535u);
  EXPECT_TRUE(origin_.end.sending());
}

TEST_F(h2_rewriter, a_large_answer_arrives_whole) {
  const int id = ask("GET", "/v1");
  answer(1, std::string(10'000'000, 'a'));
  EXPECT_EQ(client_.got, 10'000'000u);
  EXPECT_THAT(client_.heard[id], testing::EndsWith("aEND"));
}

TEST_F(h2_rewriter, streams_beyond_the_limit_are_refused) {
  for (int i = 0; i < 4; ++i) ask("GET", "/v1");
  // A client that has not heard of the limit yet.
  support::hpack_encoder encoder;
  mitm::h2_rewriter fresh{rules_, heard_, {.open_streams = 1}, support::fixed_mask};
  fresh.feed(side::downstream, support::h2_preface + support::settings() +
                                   encoder.headers(1, support::get_fields("/a"), true) +
                                   encoder.headers(3, support::get_fields("/b"), true));
  EXPECT_NE(fresh.take(side::downstream).find(support::reset(3, 7)), std::string::npos);
}

TEST_F(h2_rewriter, a_header_list_over_the_limit_resets_its_stream_alone) {
  const int id = ask("GET", "/v1", true, {{"x-long", std::string(5000, 'a')}});
  EXPECT_THAT(client_.heard[id], HasSubstr("RESET"));
  const int next = ask("GET", "/v1");
  answer(origin_.last, "yes");
  EXPECT_THAT(client_.heard[next], HasSubstr("yes"));
}

TEST_F(h2_rewriter, what_is_no_http2_ends_the_connection) {
  rewriter_.feed(side::downstream, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(rewriter_.ended(side::downstream));
}

TEST_F(h2_rewriter, a_malformed_answer_is_passed_on_and_told_as_one) {
  const int id = ask("GET", "/v1");
  origin_.end.respond(1, {{":status", "010"}}, true);
  settle();
  EXPECT_EQ(client_.heard[id], ":status=010;END");
  EXPECT_THAT(heard_.take(), Contains("    #1 end upstream_aborted: a malformed response"));
}

TEST_F(h2_rewriter, an_answer_that_ends_before_its_head_resets_the_stream) {
  const int id = ask("GET", "/v1");
  origin_.end.interim(1, {{":status", "103"}});
  settle();
  rewriter_.feed(side::upstream, support::data(1, "", true));
  settle();
  EXPECT_EQ(client_.heard[id], ":status=103;RESET1");
}

TEST_F(h2_rewriter, a_connect_that_is_refused_is_an_exchange_like_any_other) {
  const int id = ask("CONNECT", "/ws", true);
  origin_.end.respond(1, {{":status", "403"}}, true);
  settle();
  EXPECT_EQ(client_.heard[id], ":status=403;END");
  EXPECT_THAT(heard_.take(), Contains("    #1 end complete"));
}

TEST_F(h2_rewriter, an_extended_connect_is_a_tunnel) {
  origin_.end.allow(100, true);
  settle();
  EXPECT_EQ(client_.end.peer_setting(8), 1u) << "SETTINGS_ENABLE_CONNECT_PROTOCOL";
  const int id = ask("CONNECT", "/ws", false, {{":protocol", "websocket"}});
  origin_.end.respond(1, {{":status", "200"}}, false);
  origin_.end.send(1, "up");
  client_.end.send(id, "down");
  settle();
  EXPECT_EQ(client_.heard[id], ":status=200;up");
  EXPECT_THAT(origin_.heard[1], testing::EndsWith("down"));
  EXPECT_EQ(rewriter_.current(), mitm::connection_tracker::phase::tunnel);
}

TEST_F(h2_rewriter, a_websocket_whose_upgrade_the_rules_answer_is_not_asked_for) {
  const int id = ask("CONNECT", "/refused", false, {{":protocol", "websocket"}});
  EXPECT_THAT(origin_.heard, IsEmpty());
  EXPECT_EQ(client_.heard[id], ":status=426;content-type=application/json;content-length=2;{}END");
  EXPECT_THAT(heard_.take(),
              ElementsAre(support::request("CONNECT /refused"), support::told(1, "rewritten refuser: refuse_websocket"),
                          support::request_end(), support::response(426), support::body("{}"), support::completed()));
  client_.end.finish(id);
  settle();
  EXPECT_EQ(rewriter_.current(), mitm::connection_tracker::phase::idle);
}

/// A WebSocket in stream 1.
class h2_socket : public h2_rewriter {
 protected:
  void open(mitm::h2_fields more = {}) {
    ask("CONNECT", "/socket", false, {{":protocol", "websocket"}});
    mitm::h2_fields fields{{":status", "200"}};
    fields.insert(fields.end(), more.begin(), more.end());
    origin_.end.respond(1, fields, false);
    settle();
    origin_.heard[1].clear();
    client_.heard[1].clear();
    heard_.take();
  }
  void down(std::string_view bytes) {
    client_.end.send(1, bytes);
    settle();
  }
};

constexpr auto from_client = support::websocket::from_client({});

TEST_F(h2_socket, messages_are_changed_and_answered_as_requests) {
  open();
  const std::string kept = support::websocket::text("keep", from_client);
  down(kept + support::websocket::text("change", from_client));
  EXPECT_EQ(origin_.heard[1], kept + std::string("\x81\x87mask\x0e\x09\x12\x05\x0a\x04\x52"));
  origin_.end.send(1, support::websocket::text("up"));
  settle();
  down(support::websocket::text("answer", from_client));
  EXPECT_EQ(client_.heard[1],
            support::websocket::text("up") + support::websocket::text("one") + support::websocket::text("two"));
  EXPECT_THAT(heard_.take(), testing::IsSupersetOf({support::told(1, "tunnel rewritten changer: added !"),
                                                    support::told(1, "tunnel rewritten blocker: blocked")}));
}

TEST_F(h2_socket, a_socket_with_an_extension_that_is_not_known_passes_and_is_noted) {
  ask("CONNECT", "/socket", false, {{":protocol", "websocket"}});
  origin_.end.respond(1, {{":status", "200"}, {"sec-websocket-extensions", "x-secret"}}, false);
  settle();
  EXPECT_THAT(heard_.take(), Contains(HasSubstr("tunnel rewritten : the WebSocket has an extension")));
  origin_.heard[1].clear();
  const std::string frame = support::websocket::text("change", from_client);
  down(frame);
  EXPECT_EQ(origin_.heard[1], frame);
}

TEST_F(h2_socket, messages_that_begin_before_the_socket_is_granted_pass) {
  ask("CONNECT", "/socket", false, {{":protocol", "websocket"}});
  const std::string frame = support::websocket::text("change", from_client);
  down(frame.substr(0, 3));
  origin_.end.respond(1, {{":status", "200"}}, false);
  settle();
  down(frame.substr(3));
  EXPECT_THAT(origin_.heard[1], testing::EndsWith(frame));
}

TEST_F(h2_socket, a_held_message_may_be_larger_than_every_window) {
  open();
  const std::string text = "change" + std::string(90'000, 'a');
  down(support::websocket::text(text, from_client));
  EXPECT_EQ(origin_.heard[1].size(), text.size() + 1 + 14);
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(h2_socket, a_client_that_does_not_read_its_answers_is_not_read_either) {
  open();
  client_.reading = false;
  const std::string frame = support::websocket::text("answer" + std::string(1000, 'a'), from_client);
  for (int sent = 0; sent < 20'000; ++sent) down(frame);
  const std::size_t answers = client_.got;
  EXPECT_GT(client_.end.unsent(1), 4u << 20) << "what it sends has to wait";
  client_.reading = true;
  client_.end.consumed(1, answers);
  settle();
  EXPECT_EQ(client_.end.unsent(1), 0u);
  EXPECT_EQ(client_.got, 20'000 * (support::websocket::text("one") + support::websocket::text("two")).size());
}

TEST_F(h2_socket, what_is_held_of_a_message_passes_when_the_client_ends) {
  open();
  const std::string frame = support::websocket::text("change", from_client);
  down(frame.substr(0, 9));
  EXPECT_EQ(origin_.heard[1], "");
  client_.end.finish(1);
  settle();
  EXPECT_EQ(origin_.heard[1], frame.substr(0, 9) + "END");
}

TEST_F(h2_rewriter, what_is_not_answered_when_time_is_up_gets_an_answer_of_ours) {
  const int begun = ask("GET", "/v1");
  origin_.end.respond(1, {{":status", "200"}}, false);
  settle();
  EXPECT_FALSE(rewriter_.may_answer());
  const int open = ask("GET", "/v2");
  EXPECT_TRUE(rewriter_.may_answer());
  rewriter_.close(mitm::exchange_outcome::timed_out, "upstream_timeout");
  client_.end.feed(rewriter_.answer(
      {504, {{"content-type", "application/json"}, {"x-zerogravity-error", "upstream_timeout"}}, "{}"}));
  EXPECT_EQ(client_.heard[open],
            ":status=504;content-type=application/json;x-zerogravity-error=upstream_timeout;content-length=2;{}END");
  EXPECT_EQ(client_.heard[begun], ":status=200;");
  EXPECT_EQ(client_.goaway, "0");
}

}  // namespace
