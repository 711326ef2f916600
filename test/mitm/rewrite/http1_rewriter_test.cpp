#include "mitm/rewrite/http1_rewriter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "test/support/scripted_rules.hpp"
#include "test/support/split.hpp"
#include "test/support/transcript.hpp"
#include "test/support/websocket_frames.hpp"

namespace {

using mitm::side;
using support::transcript;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// A rewriter and all that came out of it.
struct connection {
  explicit connection(mitm::http1_rewriter::limits bounds = {}) : rewriter(rules, heard, bounds, support::fixed_mask) {}

  void down(std::string_view bytes) { feed(side::downstream, bytes); }
  void up(std::string_view bytes) { feed(side::upstream, bytes); }
  void feed(side from, std::string_view bytes) {
    rewriter.feed(from, std::string(bytes));
    take();
  }
  void end(side from, bool clean = true) {
    rewriter.feed_end(from, clean);
    take();
  }
  void take() {
    to_origin += rewriter.take(side::upstream);
    to_client += rewriter.take(side::downstream);
  }

  support::scripted_rules rules;
  transcript heard;
  mitm::http1_rewriter rewriter;
  std::string to_origin;
  std::string to_client;
};

/// What reaches the origin of `request`, however it is cut.
void expect_sent(const std::string& request, const std::string& sent) {
  support::for_each_split(request, [&](const support::pieces& cut) {
    connection c;
    for (const auto piece : cut) c.down(piece);
    ASSERT_EQ(c.to_origin, sent) << support::describe(cut);
    ASSERT_EQ(c.to_client, "");
  });
}

void expect_answered(const std::string& request, const std::string& answer, const std::string& received) {
  support::for_each_split(answer, [&](const support::pieces& cut) {
    connection c;
    c.down(request);
    for (const auto piece : cut) c.up(piece);
    ASSERT_EQ(c.to_client, received) << support::describe(cut);
  });
}

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

TEST(http1_rewriter, what_no_rule_wants_passes_as_it_comes) {
  const std::string request = "POST /v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  expect_sent(request, request);
  const std::string chunked = "POST /v1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n";
  expect_sent(chunked, chunked);
}

TEST(http1_rewriter, what_no_rule_wants_is_sent_on_before_it_is_whole) {
  connection c;
  c.down("POST /v1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe");
  EXPECT_THAT(c.to_origin, HasSubstr("\r\n\r\nhe"));
}

TEST(http1_rewriter, a_wanted_request_is_held_until_it_is_whole) {
  connection c;
  c.down("POST /keep HTTP/1.1\r\nContent-Length: 5\r\n\r\nhell");
  EXPECT_EQ(c.to_origin, "");
  EXPECT_EQ(c.rewriter.current(), mitm::connection_tracker::phase::request);
  c.down("o");
  EXPECT_EQ(c.to_origin, "POST /keep HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(http1_rewriter, a_changed_body_has_its_length_made_right_where_it_stood) {
  expect_sent("POST /change HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nAccept: b\r\n\r\nhello",
              "POST /change HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nAccept: b\r\nx-changed: yes\r\n\r\nhello!");
}

TEST(http1_rewriter, a_changed_chunked_body_stays_chunked) {
  expect_sent("POST /change HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;e=1\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
              "POST /change HTTP/1.1\r\nTransfer-Encoding: chunked\r\nx-changed: yes\r\n\r\n6\r\nhello!\r\n0\r\n\r\n");
}

TEST(http1_rewriter, a_body_that_begins_to_be_one_gets_a_length) {
  expect_sent("GET /change HTTP/1.1\r\n\r\n", "GET /change HTTP/1.1\r\nx-changed: yes\r\nContent-Length: 1\r\n\r\n!");
}

TEST(http1_rewriter, a_chunked_body_with_trailers_passes_as_it_came) {
  const std::string request =
      "POST /change HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\nDigest: x\r\n\r\n";
  expect_sent(request, request);
}

TEST(http1_rewriter, a_body_over_the_limit_passes_as_it_came_and_is_noted) {
  const std::string request = "POST /change HTTP/1.1\r\nContent-Length: 20\r\n\r\n01234567890123456789";
  support::for_each_split(request, [&](const support::pieces& cut) {
    connection c({.body = 10});
    for (const auto piece : cut) c.down(piece);
    ASSERT_EQ(c.to_origin, request) << support::describe(cut);
  });
  connection c({.body = 10});
  c.down(request);
  EXPECT_THAT(c.heard.take(), Contains(HasSubstr("limits.rewrite_body")));
  c.up(ok);
  c.down("POST /change HTTP/1.1\r\nContent-Length: 1\r\n\r\na");
  EXPECT_THAT(c.to_origin, HasSubstr("a!")) << "the next request is looked at again";
}

TEST(http1_rewriter, a_body_that_the_budget_of_all_has_no_room_for_passes_as_it_came_and_is_noted) {
  net::memory_budget budget(256 * 1024);
  net::memory_budget::share others(&budget);
  ASSERT_TRUE(others.cover(128 * 1024));
  const std::string request = "POST /change HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'a');
  connection full({.held = &budget});
  full.down(request);
  EXPECT_EQ(full.to_origin, request);
  EXPECT_THAT(full.heard.take(), Contains(HasSubstr("limits.held_bodies")));
  full.take();
  EXPECT_EQ(budget.used(), others.size());
  others.shrink_to(0);
  connection roomy({.held = &budget});
  roomy.down(request);
  EXPECT_THAT(roomy.to_origin, testing::EndsWith("a!"));
}

TEST(http1_rewriter, what_is_held_is_covered_until_it_was_written) {
  net::memory_budget budget(1024 * 1024);
  {
    connection c({.held = &budget});
    c.rewriter.feed(side::downstream,
                    "POST /change HTTP/1.1\r\nContent-Length: 50000\r\n\r\n" + std::string(40'000, 'a'));
    EXPECT_GE(budget.used(), 40'000u);
    c.rewriter.feed(side::downstream, std::string(10'000, 'a'));
    EXPECT_NE(c.rewriter.take(side::upstream), "");
    EXPECT_GE(budget.used(), 50'000u) << "it is being written";
    EXPECT_EQ(c.rewriter.take(side::upstream), "");
    EXPECT_EQ(budget.used(), 0u);
    c.up(ok);
    c.rewriter.feed(side::downstream, "POST /change HTTP/1.1\r\nContent-Length: 9\r\n\r\na");
    EXPECT_GT(budget.used(), 0u);
  }
  EXPECT_EQ(budget.used(), 0u) << "the connection has gone";
}

TEST(http1_rewriter, a_body_at_the_limit_is_changed) {
  connection c({.body = 10});
  c.down("POST /change HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_THAT(c.to_origin, HasSubstr("0123456789!"));
}

TEST(http1_rewriter, the_tap_sees_the_request_as_it_was_sent_on) {
  connection c;
  c.down("POST /change HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
  c.up(ok);
  EXPECT_THAT(c.heard.take(),
              testing::ElementsAre("    #1 request POST /change", "    #1 rewritten changer: added !",
                                   "    #1 request body \"hello!\"", "    #1 request end", "    #1 response 200",
                                   "    #1 response body \"hi\"", "    #1 end complete"));
  EXPECT_EQ(c.to_client, ok);
}

TEST(http1_rewriter, a_client_that_waits_for_100_continue_is_told_to_go_on) {
  connection c;
  c.down("POST /change HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(c.to_client, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(c.to_origin, "");
  c.down("a");
  EXPECT_EQ(c.to_origin, "POST /change HTTP/1.1\r\nContent-Length: 2\r\nx-changed: yes\r\n\r\na!");
}

TEST(http1_rewriter, an_answer_of_our_own_never_reaches_the_origin) {
  connection c;
  c.down("POST /answer HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(c.to_origin, "");
  EXPECT_EQ(c.to_client,
            "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{\"no\":1}");
  EXPECT_THAT(c.heard.take(), Contains("    #1 end complete"));
  EXPECT_FALSE(c.rewriter.ended(side::downstream));
  c.down("GET /v1 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(c.to_origin, "GET /v1 HTTP/1.1\r\n\r\n");
}

TEST(http1_rewriter, an_event_stream_of_our_own_is_chunked) {
  connection c;
  c.down("POST /answer?stream HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(c.to_client,
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            "a\r\ndata: no\n\n\r\n0\r\n\r\n");
}

TEST(http1_rewriter, an_answer_of_our_own_to_head_has_no_body_and_to_close_ends_the_connection) {
  connection c;
  c.down("HEAD /answer HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(c.to_client, testing::EndsWith("content-length: 8\r\n\r\n"));
  EXPECT_TRUE(c.rewriter.ended(side::downstream));
}

TEST(http1_rewriter, an_answer_of_our_own_waits_for_the_answers_before_it) {
  const std::string requests =
      "GET /v1 HTTP/1.1\r\n\r\nPOST /answer HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /v2 HTTP/1.1\r\n\r\n";
  support::for_each_split(requests, [&](const support::pieces& cut) {
    connection c;
    for (const auto piece : cut) c.down(piece);
    ASSERT_EQ(c.to_client, "") << support::describe(cut);
    c.up(ok);
    ASSERT_THAT(c.to_client, testing::StartsWith(ok + "HTTP/1.1 403 "));
    ASSERT_EQ(c.to_origin, "GET /v1 HTTP/1.1\r\n\r\nGET /v2 HTTP/1.1\r\n\r\n");
  });
}

TEST(http1_rewriter, a_stripped_answer_is_chunked_anew) {
  const std::string request = "GET /strip HTTP/1.1\r\n\r\n";
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  connection c;
  c.down(request);
  c.up(head + "3\r\naxb\r\n1\r\nx\r\n0\r\n\r\n");
  EXPECT_EQ(c.to_client, head + "2\r\nab\r\n1\r\n.\r\n0\r\n\r\n");
  EXPECT_THAT(c.heard.take(), Contains(HasSubstr("body \"axbx\""))) << "what the origin sent is what is accounted";
  c.down("GET /v1 HTTP/1.1\r\n\r\n");
  c.up("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_THAT(c.to_client, testing::EndsWith("\r\n\r\nx")) << "the next answer passes as it is";
}

TEST(http1_rewriter, a_stripped_answer_is_whole_however_it_is_cut) {
  const std::string head = "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  support::for_each_split(head + "3\r\naxb\r\n0\r\n\r\n", [&](const support::pieces& cut) {
    connection c;
    c.down("GET /strip HTTP/1.1\r\n\r\n");
    for (const auto piece : cut) c.up(piece);
    ASSERT_THAT(c.to_client, testing::StartsWith(head));
    ASSERT_THAT(c.to_client, testing::EndsWith(".\r\n0\r\n\r\n")) << support::describe(cut);
    ASSERT_THAT(c.to_client.substr(head.size()), Not(HasSubstr("x")));
  });
}

TEST(http1_rewriter, an_answer_with_a_length_is_not_stripped) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\naxb";
  expect_answered("GET /strip HTTP/1.1\r\n\r\n", answer, answer);
}

TEST(http1_rewriter, an_answer_that_readers_could_frame_differently_is_not_stripped) {
  for (const char* fields : {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n"}) {
    const std::string answer = "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n3\r\naxb\r\n0\r\n\r\n";
    expect_answered("GET /strip HTTP/1.1\r\n\r\n", answer, answer);
  }
}

TEST(http1_rewriter, an_answer_until_close_is_stripped_to_its_end) {
  connection c;
  c.down("GET /strip HTTP/1.1\r\n\r\n");
  c.up("HTTP/1.1 200 OK\r\n\r\naxb");
  c.end(side::upstream);
  EXPECT_EQ(c.to_client, "HTTP/1.1 200 OK\r\n\r\nab.");
  EXPECT_TRUE(c.rewriter.ended(side::downstream));
}

TEST(http1_rewriter, what_is_no_http_passes_unchanged_both_ways) {
  connection c;
  c.down("POST /change HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  c.down("lo");
  c.up(ok);
  c.down("\x16\x03\x01 /change HTTP/1.1\r\n\r\n");
  c.down("and more");
  EXPECT_THAT(c.to_origin, testing::EndsWith("\x16\x03\x01 /change HTTP/1.1\r\n\r\nand more"));
  EXPECT_NE(c.rewriter.detached_reason(), "");
}

TEST(http1_rewriter, a_head_over_the_limit_passes_unchanged) {
  const std::string request = "POST /change HTTP/1.1\r\nX: " + std::string(200, 'a') + "\r\nContent-Length: 1\r\n\r\nb";
  support::for_each_split(request, [&](const support::pieces& cut) {
    connection c({.head = 100});
    for (const auto piece : cut) c.down(piece);
    ASSERT_EQ(c.to_origin, request) << support::describe(cut);
  });
}

TEST(http1_rewriter, an_upgraded_connection_is_a_tunnel) {
  connection c;
  c.down("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  c.up("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nup");
  c.down("POST /change HTTP/1.1\r\nContent-Length: 1\r\n\r\na");
  EXPECT_THAT(c.to_origin, testing::EndsWith("Content-Length: 1\r\n\r\na"));
  EXPECT_THAT(c.to_client, testing::EndsWith("\r\n\r\nup"));
}

TEST(http1_rewriter, a_client_that_ends_inside_a_held_request_has_it_sent_on_as_it_is) {
  connection c;
  c.down("POST /change HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  c.end(side::downstream);
  EXPECT_EQ(c.to_origin, "POST /change HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_TRUE(c.rewriter.ended(side::upstream));
}

TEST(http1_rewriter, a_client_that_ends_behind_its_request_still_gets_the_answer) {
  connection c;
  c.down("POST /change HTTP/1.1\r\nContent-Length: 1\r\n\r\na");
  c.end(side::downstream);
  EXPECT_TRUE(c.rewriter.ended(side::upstream));
  c.up(ok);
  EXPECT_EQ(c.to_client, ok);
  EXPECT_THAT(c.heard.take(), Contains("    #1 end complete"));
}

TEST(http1_rewriter, a_request_of_version_1_0_passes_as_it_came) {
  const std::string request = "POST /change HTTP/1.0\r\nContent-Length: 1\r\n\r\na";
  expect_sent(request, request);
}

TEST(http1_rewriter, reading_stops_while_the_origin_takes_nothing) {
  connection c;
  c.rewriter.feed(side::downstream, "POST /v1 HTTP/1.1\r\nContent-Length: 999999\r\n\r\n" + std::string(70'000, 'a'));
  EXPECT_TRUE(c.rewriter.full(side::downstream));
  c.take();
  EXPECT_FALSE(c.rewriter.full(side::downstream));
}

// A WebSocket whose messages are requests.
constexpr auto from_client = support::websocket::from_client({});
const std::string upgrade =
    "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n";
const std::string switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

TEST(http1_rewriter, behind_an_upgrade_messages_are_changed_and_answered_as_requests) {
  using support::websocket::text;
  const std::string bytes = switching + text("hello");
  const std::string sent = text("keep", from_client) + text("change", from_client) + text("answer", from_client);
  const std::string changed = std::string("\x81\x87mask\x0e\x09\x12\x05\x0a\x04\x52");
  support::for_each_split(bytes, [&](const support::pieces& cut) {
    connection c;
    c.down(upgrade);
    for (const auto piece : cut) c.up(piece);
    c.down(sent);
    ASSERT_EQ(c.to_origin, upgrade + text("keep", from_client) + changed) << support::describe(cut);
    ASSERT_EQ(c.to_client, bytes + text("one") + text("two"));
  });
  support::for_each_split(sent, [&](const support::pieces& cut) {
    connection c;
    c.down(upgrade);
    c.up("HTTP/1.1 100 Continue\r\n\r\n" + bytes);
    for (const auto piece : cut) c.down(piece);
    ASSERT_EQ(c.to_origin, upgrade + text("keep", from_client) + changed) << support::describe(cut);
    ASSERT_THAT(c.heard.take(), testing::IsSupersetOf({support::told(1, "tunnel rewritten changer: added !"),
                                                       support::told(1, "tunnel rewritten blocker: blocked")}));
  });
}

TEST(http1_rewriter, an_upgrade_that_the_origin_refuses_is_an_exchange_like_any_other) {
  const std::string refusal = "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno";
  support::for_each_split(refusal, [&](const support::pieces& cut) {
    connection c;
    c.down(upgrade);
    for (const auto piece : cut) c.up(piece);
    c.down("POST /change HTTP/1.1\r\nContent-Length: 1\r\n\r\na");
    ASSERT_EQ(c.to_client, refusal) << support::describe(cut);
    ASSERT_THAT(c.to_origin, HasSubstr("a!"));
  });
}

TEST(http1_rewriter, an_upgrade_that_the_rules_refuse_does_not_reach_the_origin) {
  connection c;
  c.down("GET /refused HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(c.to_origin, "");
  EXPECT_EQ(c.to_client,
            "HTTP/1.1 426 Upgrade Required\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
  EXPECT_EQ(c.rules.seen.form, mitm::request_form::upgrade);
  c.down("POST /change HTTP/1.1\r\nContent-Length: 1\r\n\r\na");
  EXPECT_THAT(c.to_origin, HasSubstr("a!")) << "the client falls back";
}

TEST(http1_rewriter, a_socket_with_an_extension_that_is_not_known_passes_and_is_noted) {
  connection c;
  c.down(upgrade);
  c.up("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: x-secret\r\n\r\n");
  c.down(support::websocket::text("change", from_client));
  EXPECT_EQ(c.to_origin, upgrade + support::websocket::text("change", from_client));
  EXPECT_THAT(c.heard.take(), Contains(HasSubstr("tunnel rewritten : the WebSocket has an extension")));
}

TEST(http1_rewriter, a_socket_of_no_interest_passes_as_it_comes) {
  connection c;
  c.down("GET /other HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  c.up(switching);
  c.to_origin.clear();
  c.down(support::websocket::text("change", from_client));
  EXPECT_EQ(c.to_origin, support::websocket::text("change", from_client));
}

TEST(http1_rewriter, what_is_held_of_a_message_passes_when_the_client_ends) {
  connection c;
  c.down(upgrade);
  c.up(switching);
  const std::string frame = support::websocket::text("change", from_client);
  c.down(frame.substr(0, 9));
  EXPECT_EQ(c.to_origin, upgrade);
  c.end(side::downstream);
  EXPECT_EQ(c.to_origin, upgrade + frame.substr(0, 9));
  EXPECT_TRUE(c.rewriter.ended(side::upstream));
}

TEST(http1_rewriter, a_client_of_a_socket_that_does_not_read_its_answers_is_not_read_either) {
  connection c;
  c.down(upgrade);
  c.up(switching);
  const std::string frame = support::websocket::text("answer", from_client);
  int sent = 0;
  for (; !c.rewriter.full(side::downstream) && sent < 1'000'000; ++sent) c.rewriter.feed(side::downstream, frame);
  EXPECT_LT(sent, 10'000);
  c.take();
  EXPECT_FALSE(c.rewriter.full(side::downstream));
}

}  // namespace
