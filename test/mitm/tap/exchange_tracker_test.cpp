#include "mitm/tap/exchange_tracker.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/support/playbook.hpp"

namespace mitm {
namespace {

using namespace support;
using enum exchange_outcome;
using phase = exchange_tracker::phase;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string ok_hi = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const std::string post_head = "POST /p HTTP/1.1\r\nContent-Length: 4\r\n\r\n";

constexpr auto before_response = "the origin ended before the response";
constexpr auto inside_response = "the origin ended inside the response";
constexpr auto inside_request = "the client ended inside the request";

TEST(exchange_tracker, one_exchange_is_told_in_order) {
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .run();
}

TEST(exchange_tracker, bodies_of_both_sides_are_told_without_their_framing) {
  script()
      .down("POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nX-Sum: 1\r\n\r\n")
      .expect(request("POST /p"), request_body("abcd"), request_end())
      .up("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n6\r\n there\r\n")
      .expect(response(200), body("hi there"))
      .run();
}

TEST(exchange_tracker, chunked_answer_with_trailers_is_followed_by_the_next_exchange) {
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n")
      .expect(response(200), body("hi"), completed())
      .down(get)
      .expect(request("GET /", 2), request_end(2))
      .up(ok_hi)
      .expect(response(200, 2), body("hi", 2), completed(2))
      .run();
}

TEST(exchange_tracker, an_answer_whose_framing_is_odd_is_read_as_clients_read_it_and_followed_by_the_next_exchange) {
  for (const std::string fields :
       {"Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Content-Length: 99\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n"}) {
    script()
        .down(get)
        .expect(request("GET /"), request_end())
        .up("HTTP/1.1 200 OK\r\n" + fields + "\r\n2\r\nhi\r\n0\r\n\r\n")
        .expect(response(200), body("hi"), completed())
        .expect_reusable(false)  // for other clients, who may not agree
        .down(get)
        .expect(request("GET /", 2), request_end(2))
        .up(ok_hi)
        .expect(response(200, 2), body("hi", 2), completed(2))
        .run();
  }
}

TEST(exchange_tracker, content_length_zero_ends_a_message_with_its_head) {
  script()
      .down("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
      .expect(request("POST /"), request_end())
      .up("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      .expect(response(200), completed())
      .run();
}

TEST(exchange_tracker, answers_without_body_end_with_their_head_whatever_it_says) {
  struct row {
    std::string method;
    unsigned status;
  };
  for (const row& each : std::initializer_list<row>{{"HEAD", 200}, {"GET", 204}, {"GET", 304}}) {
    script()
        .down(each.method + " / HTTP/1.1\r\n\r\n")
        .expect(request(each.method + " /"), request_end())
        .up("HTTP/1.1 " + std::to_string(each.status) + " X\r\nContent-Length: 99\r\n\r\n")
        .expect(response(each.status), completed())
        .down(get)
        .expect(request("GET /", 2), request_end(2))
        .up(ok_hi)
        .expect(response(200, 2), body("hi", 2), completed(2))
        .run();
  }
}

TEST(exchange_tracker, a_body_without_length_lasts_until_the_origin_ends) {
  script()
      .down("GET / HTTP/1.0\r\n\r\n")
      .expect(request("GET /"), request_end())
      .up("HTTP/1.0 200 OK\r\n\r\nsome")
      .expect(response(200), body("some"))
      .up(" more\r\n\r\n")
      .expect(body(" more\r\n\r\n"))
      .end_up()
      .expect(completed())
      .run();
}

TEST(exchange_tracker, interim_responses_are_skipped) {
  script()
      .down("POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
      .expect(request("POST /p"))
      .expect_state(phase::request, 1, true)
      .up("HTTP/1.1 100 Continue\r\n\r\n")
      .expect_state(phase::request, 1, true)
      .down("body")
      .expect(request_body("body"), request_end())
      .up("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + ok_hi)
      .expect(response(200), body("hi"), completed())
      .run();
}

TEST(exchange_tracker, pipelined_requests_are_answered_in_order) {
  script()
      .down("GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n")
      .expect(request("GET /1"), request_end(), request("HEAD /2", 2), request_end(2), request("GET /3", 3),
              request_end(3))
      .expect_state(phase::waiting, 3, true)
      .up(ok_hi + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + "HTTP/1.1 404 X\r\nContent-Length: 1\r\n\r\n")
      .expect(response(200), body("hi"), completed(), response(200, 2), completed(2), response(404, 3))
      .expect_state(phase::response, 1, false)
      .up("x")
      .expect(body("x", 3), completed(3))
      .expect_state(phase::idle, 0, false)
      .run();
}

TEST(exchange_tracker, empty_lines_before_a_request_are_ignored) {
  script()
      .down("\r\n\r\n" + get + "\n\r\n")
      .expect(request("GET /"), request_end())
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .expect_state(phase::idle, 0, false)
      .down(get)
      .expect(request("GET /", 2), request_end(2))
      .run();
}

TEST(exchange_tracker, lines_of_a_head_may_end_in_lf_alone) {
  script()
      .down("GET / HTTP/1.1\nHost: a\n\n")
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi")
      .expect(response(200), body("hi"), completed())
      .run();
}

TEST(exchange_tracker, an_exchange_without_tap_is_tracked_all_the_same) {
  script()
      .ignoring("/p")
      .down(post_head + "body" + get)
      .expect(request("GET /", 2), request_end(2))
      .up(ok_hi + ok_hi)
      .expect(response(200, 2), body("hi", 2), completed(2))
      .run();
}

// Phases.

TEST(exchange_tracker, phases_follow_one_exchange) {
  script()
      .expect_state(phase::idle, 0, false)
      .down("POST /p HTTP/1.1\r\n")
      .expect_state(phase::request, 0, false)
      .down("Content-Length: 4\r\n\r\nbo")
      .expect(request("POST /p"), request_body("bo"))
      .expect_state(phase::request, 1, true)
      .down("dy")
      .expect(request_body("dy"), request_end())
      .expect_state(phase::waiting, 1, true)
      .up("H")
      .expect_state(phase::response, 1, false)
      .up("TTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
      .expect(response(200))
      .expect_state(phase::response, 1, false)
      .up("hi")
      .expect(body("hi"), completed())
      .expect_state(phase::idle, 0, false)
      .run();
}

TEST(exchange_tracker, a_second_request_being_sent_does_not_hide_that_the_first_one_waits) {
  script()
      .down(get + post_head)
      .expect(request("GET /"), request_end(), request("POST /p", 2))
      .expect_state(phase::waiting, 2, true)
      .up("HTTP/1.1 200")
      .expect_state(phase::response, 2, false)
      .up(" OK\r\nContent-Length: 0\r\n\r\n")
      .expect(response(200), completed())
      .expect_state(phase::request, 1, true)
      .run();
}

TEST(exchange_tracker, half_an_interim_response_is_a_response_that_arrives) {
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 103 Early")
      .expect_state(phase::response, 1, false)
      .up(" Hints\r\n\r\n")
      .expect_state(phase::waiting, 1, true)
      .run();
}

// Early responses.

TEST(exchange_tracker, an_early_response_completes_once_the_request_is_whole) {
  script()
      .down(post_head + "bo")
      .expect(request("POST /p"), request_body("bo"))
      .up("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
      .expect(response(413), body("no"))
      .expect_state(phase::request, 1, false)
      .down("dy")
      .expect(request_body("dy"), request_end(), completed())
      .down(get)
      .expect(request("GET /", 2), request_end(2))
      .run();
}

TEST(exchange_tracker, the_request_may_become_whole_inside_its_early_response) {
  script()
      .down(post_head)
      .expect(request("POST /p"))
      .up("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh")
      .expect(response(200), body("h"))
      .down("body")
      .expect(request_body("body"), request_end())
      .up("i")
      .expect(body("i"), completed())
      .run();
}

TEST(exchange_tracker, a_whole_early_response_completes_when_either_side_ends_the_connection) {
  const auto answered = [](script& played) -> script& {
    return played.down(post_head + "bo")
        .expect(request("POST /p"), request_body("bo"))
        .up("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        .expect(response(413), body("no"));
  };
  script by_origin;
  answered(by_origin).end_up().expect(completed()).down("dy").run();
  script by_client;
  answered(by_client).end_down().expect(completed()).run();
  script by_end_of_body;
  by_end_of_body.down(post_head)
      .expect(request("POST /p"))
      .up("HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\nno")
      .expect(response(413), body("no"))
      .end_up()
      .expect(completed())
      .run();
}

// Ends.

TEST(exchange_tracker, an_origin_that_ends_too_early_aborts_what_is_open) {
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .end_up()
      .expect(end(upstream_aborted, before_response))
      .expect_state(phase::idle, 0, false)
      .run();
  script()
      .down(get + get)
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2))
      .up("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi")
      .expect(response(200), body("hi"))
      .end_up()
      .expect(end(upstream_aborted, inside_response), end(upstream_aborted, before_response, 2))
      .run();
}

TEST(exchange_tracker, an_origin_that_ends_inside_head_or_chunks_aborts_too) {
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 200 OK\r\nContent")
      .end_up()
      .expect(end(upstream_aborted, inside_response))
      .run();
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n")
      .expect(response(200), body("hi"))
      .end_up()
      .expect(end(upstream_aborted, inside_response))
      .run();
}

TEST(exchange_tracker, pipelined_requests_behind_a_body_until_close_are_aborted) {
  script()
      .down(get + get)
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2))
      .up("HTTP/1.1 200 OK\r\n\r\nhi")
      .expect(response(200), body("hi"))
      .end_up()
      .expect(completed(), end(upstream_aborted, before_response, 2))
      .run();
}

TEST(exchange_tracker, the_rest_of_an_aborted_request_is_passed_over) {
  script()
      .down(post_head + "bo")
      .expect(request("POST /p"), request_body("bo"))
      .end_up()
      .expect(end(upstream_aborted, before_response))
      .down("d")
      .expect_state(phase::request, 0, false)
      .down("y" + get)
      .expect(request("GET /", 2), request_end(2))
      .close(failed, "no origin")
      .expect(end(failed, "no origin", 2))
      .run();
}

TEST(exchange_tracker, a_client_that_ends_behind_a_whole_request_gets_its_answer) {
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .end_down()
      .expect_state(phase::waiting, 1, true)
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .run();
}

TEST(exchange_tracker, a_client_that_ends_inside_its_request_has_aborted_it_once_the_answer_is_over) {
  script()
      .down(post_head + "bo")
      .expect(request("POST /p"), request_body("bo"))
      .end_down()
      .expect_state(phase::waiting, 1, true)
      .up("HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno")
      .expect(response(400), body("no"), end(downstream_aborted, inside_request))
      .expect_state(phase::idle, 0, false)
      .run();
}

TEST(exchange_tracker, a_client_that_ended_inside_its_request_went_away_first_however_the_rest_ends) {
  const auto cut = [](script& played) -> script& {
    return played.down(get + post_head).expect(request("GET /"), request_end(), request("POST /p", 2)).end_down();
  };
  script by_close;
  cut(by_close)
      .close(timed_out, "half_close")
      .expect(end(timed_out, "half_close"), end(downstream_aborted, inside_request, 2))
      .run();
  script by_origin;
  cut(by_origin)
      .end_up()
      .expect(end(upstream_aborted, before_response), end(downstream_aborted, inside_request, 2))
      .run();
}

TEST(exchange_tracker, a_client_that_ends_inside_a_head_has_asked_nothing) {
  script().down("GET / HT").end_down().expect_state(phase::idle, 0, false).down("TP/1.1\r\n\r\n").run();
}

TEST(exchange_tracker, bytes_behind_an_end_are_ignored) {
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .end_down()
      .down(get)
      .end_down()
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .end_up()
      .up(ok_hi)
      .end_up()
      .run();
}

TEST(exchange_tracker, close_ends_what_is_open_and_later_calls_mean_nothing) {
  script()
      .down(get + post_head)
      .expect(request("GET /"), request_end(), request("POST /p", 2))
      .up("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi")
      .expect(response(200), body("hi"))
      .close(timed_out, "stream_idle")
      .expect(end(timed_out, "stream_idle"), end(timed_out, "stream_idle", 2))
      .expect_state(phase::idle, 0, false)
      .up("more")
      .down("body" + get)
      .end_up()
      .end_down()
      .close(complete, "again")
      .expect_state(phase::idle, 0, false)
      .run();
}

TEST(exchange_tracker, destroyed_without_close_ends_its_exchanges_as_detached) {
  transcript heard;
  {
    exchange_tracker tracker(heard, {});
    tracker.observe(side::downstream, get);
  }
  EXPECT_EQ(heard.take(), (lines{request("GET /"), request_end(), end(detached, "the connection was given up")}));
}

// Tunnels.

TEST(exchange_tracker, an_upgrade_completes_its_exchange_and_what_follows_goes_to_a_tunnel) {
  script()
      .down("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
      .expect(request("GET /ws"), request_end())
      .up("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi")
      .expect(response(101), completed(), tunnel_up("\x81\x02hi"))
      .expect_state(phase::tunnel, 0, false)
      .down("\x81\x82????")
      .expect(tunnel_down("\x81\x82????"))
      .up("HTTP/1.1 200 OK\r\n\r\n")
      .expect(tunnel_up("HTTP/1.1 200 OK\r\n\r\n"))
      .end_up()
      .end_down()
      .close(upstream_aborted, "over")
      .expect(tunnel_end(upstream_aborted, "over"))
      .expect_state(phase::tunnel, 0, false)
      .run();
}

TEST(exchange_tracker, connect_becomes_a_tunnel_only_if_it_succeeds) {
  script()
      .down("CONNECT a:443 HTTP/1.1\r\n\r\n")
      .expect(request("CONNECT a:443"), request_end())
      .up("HTTP/1.1 200 Established\r\nContent-Length: 5\r\n\r\n\x16\x03")
      .expect(response(200), completed(), tunnel_up("\x16\x03"))
      .expect_state(phase::tunnel, 0, false)
      .run();
  script()
      .down("CONNECT a:443 HTTP/1.1\r\n\r\n")
      .expect(request("CONNECT a:443"), request_end())
      .up("HTTP/1.1 407 Auth\r\nContent-Length: 2\r\n\r\nno")
      .expect(response(407), body("no"), completed())
      .expect_state(phase::idle, 0, false)
      .run();
}

TEST(exchange_tracker, requests_pipelined_behind_an_upgrade_are_detached) {
  script()
      .down(get + post_head)
      .expect(request("GET /"), request_end(), request("POST /p", 2))
      .up("HTTP/1.1 101 Switching Protocols\r\n\r\n")
      .expect(response(101), completed(), end(detached, "the connection became a tunnel", 2))
      .run();
}

// What cannot be followed.

struct refused {
  std::string input;
  std::string reason;
};

TEST(exchange_tracker, a_request_that_cannot_be_followed_detaches_the_tap) {
  for (const refused& each : std::initializer_list<refused>{
           {"GET / HTTP/1.1\r\nA : b\r\n\r\n", "a malformed request head"},
           {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "a malformed request head"},
           {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "a malformed request head"},
           {std::string("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24), "a malformed request head"},
           {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "a malformed request head"},
           {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "ambiguous framing of a request"},
           {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "ambiguous framing of a request"},
       }) {
    script()
        .down(get)
        .expect(request("GET /"), request_end())
        .down(each.input)
        .expect(end(detached, each.reason))
        .expect_state(phase::tunnel, 0, false)
        .up(ok_hi)
        .down(get)
        .end_up()
        .end_down()
        .close(complete, "over")
        .run();
  }
}

TEST(exchange_tracker, a_response_that_cannot_be_followed_detaches_the_tap) {
  for (const refused& each : std::initializer_list<refused>{
           {"ICY 200 OK\r\n\r\n", "a malformed response head"},
           {"HTTP/1.1 200 OK\r\nA\r\n\r\n", "a malformed response head"},
           {"\r\nHTTP/1.1 200 OK\r\n\r\n", "a malformed response head"},
           {"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", "ambiguous framing of a response"},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\n",
            "ambiguous framing of a response"},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "ambiguous framing of a response"},
       }) {
    script()
        .down(get + get)
        .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2))
        .up(each.input)
        .expect(end(detached, each.reason), end(detached, each.reason, 2))
        .expect_state(phase::tunnel, 0, false)
        .run();
  }
}

TEST(exchange_tracker, malformed_chunks_detach_the_tap) {
  script()
      .down("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nx")
      .expect(request("POST /"), request_body("hi"), end(detached, "a malformed chunk in a request"))
      .run();
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiX")
      .expect(response(200), body("hi"), end(detached, "a malformed chunk in a response"))
      .run();
}

TEST(exchange_tracker, what_detached_the_tap_is_told_even_of_a_request_that_was_cut) {
  script()
      .down(post_head)
      .expect(request("POST /p"))
      .end_down()
      .up("ICY 200 OK\r\n\r\n")
      .expect(end(detached, "a malformed response head"))
      .run();
}

TEST(exchange_tracker, a_response_to_nothing_detaches_the_tap) {
  script().up("H").expect_state(phase::tunnel, 0, false).down(get).run();
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up(ok_hi + "!")
      .expect(response(200), body("hi"), completed())
      .expect_state(phase::tunnel, 0, false)
      .run();
  script()
      .down(post_head)
      .expect(request("POST /p"))
      .up("HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
      .expect(response(413), end(detached, "a response without a request"))
      .run();
}

TEST(exchange_tracker, a_head_as_large_as_the_limit_is_followed_and_a_larger_one_detaches) {
  const exchange_tracker::limits exact{get.size(), 64};
  script(exact).down(get).expect(request("GET /"), request_end()).run();
  const exchange_tracker::limits smaller{get.size() - 1, 64};
  script(smaller).down(get).expect_state(phase::tunnel, 0, false).run();
  script(exact)
      .down(get)
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 200 OK\r\nSet-Cookie: a\r\n\r\n")
      .expect(end(detached, "a response head over the limit"))
      .run();
}

TEST(exchange_tracker, pipelining_is_followed_up_to_its_limit) {
  const exchange_tracker::limits two{1024, 2};
  script(two)
      .down(get + get)
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2))
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .down(get)
      .expect(request("GET /", 3), request_end(3))
      .down(get)
      .expect(end(detached, "too many pipelined requests", 2), end(detached, "too many pipelined requests", 3))
      .expect_state(phase::tunnel, 0, false)
      .run();
}

TEST(exchange_tracker, an_upstream_is_reusable_between_exchanges_that_were_seen_whole) {
  script()
      .expect_reusable(false)
      .down(get)
      .expect(request("GET /"), request_end())
      .expect_reusable(false)
      .up("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh")
      .expect(response(200), body("h"))
      .expect_reusable(false)
      .up("i")
      .expect(body("i"), completed())
      .expect_reusable(true)
      .down("POST /p HTTP/1.1\r\nContent-Length: 4\r\n\r\n")
      .expect(request("POST /p", 2))
      .expect_reusable(false)
      .down("body")
      .expect(request_body("body", 2), request_end(2))
      .up("HTTP/1.1 100 Continue\r\n\r\n" + ok_hi)
      .expect(response(200, 2), body("hi", 2), completed(2))
      .expect_reusable(true)
      .end_down()
      .expect_reusable(true)
      .run();
}

TEST(exchange_tracker, an_upstream_is_not_reusable_after_what_was_not_whole) {
  const std::string tunnel = "HTTP/1.1 101 X\r\n\r\n";
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .down("GET / HT")
      .end_down()
      .expect_reusable(false)
      .run();
  script()
      .down("POST /p HTTP/1.1\r\nContent-Length: 4\r\n\r\n")
      .expect(request("POST /p"))
      .up(ok_hi)
      .expect(response(200), body("hi"))
      .end_down()
      .expect(completed())
      .expect_reusable(false)
      .run();
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .end_up()
      .expect_reusable(false)
      .run();
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up(tunnel)
      .expect(response(101), completed())
      .expect_reusable(false)
      .run();
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .up("x")
      .expect_reusable(false)
      .run();
  script()
      .down(get + "\r\n")
      .expect(request("GET /"), request_end())
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .expect_reusable(false)
      .run();
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .close(failed, "over")
      .expect_reusable(false)
      .run();
}

TEST(exchange_tracker, an_upstream_is_not_reusable_when_a_side_has_said_close) {
  script()
      .down("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
      .expect(request("GET /"), request_end())
      .up(ok_hi)
      .expect(response(200), body("hi"), completed())
      .expect_reusable(false)
      .run();
  script()
      .down(get)
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")
      .expect(response(204), completed())
      .expect_reusable(false)
      .run();
}

TEST(exchange_tracker, tells_why_it_detached) {
  transcript heard;
  exchange_tracker tracker(heard, {});
  EXPECT_FALSE(tracker.detached());
  EXPECT_EQ(tracker.detached_reason(), "");
  tracker.observe(side::downstream, "\x16\x03\x01 no HTTP\n\n");
  EXPECT_TRUE(tracker.detached());
  EXPECT_EQ(tracker.detached_reason(), "a malformed request head");
  tracker.observe(side::upstream, "x");
  EXPECT_EQ(tracker.detached_reason(), "a malformed request head");
}

TEST(exchange_tracker, body_pieces_view_the_bytes_that_passed) {
  struct viewer final : exchange_tap {
    explicit viewer(std::string_view& view) : seen(view) {}
    void on_request_body(std::string_view) override {}
    void on_request_end() override {}
    void on_response(const net::wire::response_head&) override {}
    void on_response_body(std::string_view piece) override { seen = piece; }
    void on_end(exchange_outcome, std::string_view) override {}
    std::string_view& seen;
  };
  struct watcher final : exchange_observer {
    std::unique_ptr<exchange_tap> on_request(const net::wire::request_head&) override {
      return std::make_unique<viewer>(seen);
    }
    std::string_view seen;
  } watching;
  exchange_tracker tracker(watching, {});
  tracker.observe(side::downstream, get);
  tracker.observe(side::upstream, ok_hi);
  EXPECT_EQ(watching.seen.data(), ok_hi.data() + ok_hi.size() - 2);
}

}  // namespace
}  // namespace mitm
