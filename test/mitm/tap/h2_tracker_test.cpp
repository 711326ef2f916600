#include "mitm/tap/h2_tracker.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/support/h2_frames.hpp"
#include "test/support/playbook.hpp"

namespace mitm {
namespace {

using namespace support;
using enum exchange_outcome;
using phase = connection_tracker::phase;
using script = basic_script<h2_tracker>;

const std::string hello = h2_preface + settings();  // of a client

constexpr unsigned end_headers = h2_flag::end_headers;
constexpr unsigned end_stream = h2_flag::end_stream;

/// Both directions of a connection, each with the HPACK table of its sender.
class h2_tracker_of : public testing::Test {
 protected:
  std::string get(std::uint32_t stream, const std::string& path = "/") {
    return down_.headers(stream, get_fields(path), true);
  }
  std::string post(std::uint32_t stream, const std::string& path = "/p") {
    return down_.headers(stream, post_fields(path));
  }
  std::string ok(std::uint32_t stream, bool end = false) { return up_.headers(stream, status_fields("200"), end); }
  std::string connect(std::uint32_t stream, h2_fields more = {}) {
    h2_fields fields{{":method", "CONNECT"}, {":authority", "there:1"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return down_.headers(stream, fields);
  }

  hpack_encoder down_;
  hpack_encoder up_;
};

TEST_F(h2_tracker_of, one_stream_tells_one_exchange_in_order) {
  script()
      .down(hello + get(1))
      .expect(request("GET /"), request_end())
      .up(settings() + settings_ack() + ok(1) + data(1, "hi") + data(1, " there", true))
      .expect(response(200), body("hi there"), completed())
      .run();
}

TEST_F(h2_tracker_of, streams_that_are_mixed_on_the_wire_are_told_apart) {
  script()
      .up(settings())
      .down(hello + post(1) + post(3) + data(3, "three") + data(1, "one") + data(3, "!", true))
      .expect(request("POST /p"), request("POST /p", 2), request_body("three", 2), request_body("one"),
              request_body("!", 2), request_end(2))
      .up(ok(3) + data(3, "answer"))
      .expect(response(200, 2), body("answer", 2))
      .down(data(1, "", true))
      .expect(request_end())
      .up(ok(1) + data(1, "x", true) + data(3, "", true))
      .expect(response(200), body("x"), completed(), completed(2))
      .run();
}

TEST_F(h2_tracker_of, a_request_is_told_with_its_fields_and_its_authority_as_host) {
  struct looking final : exchange_observer {
    std::unique_ptr<exchange_tap> on_request(const net::wire::request_head& head) override {
      major_version = head.major_version;
      for (const auto& [name, value] : head.fields) seen += std::string(name) + "=" + std::string(value) + ";";
      return nullptr;
    }
    std::string seen;
    int major_version = 0;
  } observer;
  h2_tracker tracker(observer, {});
  h2_fields fields = get_fields("/");
  fields.emplace_back("session-id", "s 1");
  fields.emplace_back("accept", "*/*");
  tracker.observe(side::downstream, hello + down_.headers(1, fields, true));
  EXPECT_EQ(observer.seen, "host=api.test;session-id=s 1;accept=*/*;");
  EXPECT_EQ(observer.major_version, 2);
}

TEST_F(h2_tracker_of, header_blocks_may_be_split_padded_and_carry_a_priority) {
  const std::string block = down_.block(get_fields("/split"));
  script()
      .up(settings())
      .down(hello +
            frame(h2_type::headers, h2_flag::padded | h2_flag::priority | end_stream, 1,
                  "\2" + std::string("prior") + block.substr(0, 3) + "00") +
            frame(h2_type::continuation, 0, 1, block.substr(3, 2)) + frame(h2_type::continuation, 0, 1) +
            frame(h2_type::continuation, end_headers, 1, block.substr(5)))
      .expect(request("GET /split"), request_end())
      .run();
}

TEST_F(h2_tracker_of, trailers_end_a_stream_and_keep_the_tables_in_step) {
  const h2_fields trailers{{"grpc-status", "0"}, {"grpc-message", "a message of some length"}};
  script()
      .up(settings())
      .down(hello + post(1) + data(1, "ask") + down_.headers(1, trailers, true))
      .expect(request("POST /p"), request_body("ask"), request_end())
      .up(ok(1) + data(1, "told") + up_.headers(1, trailers, true))
      .expect(response(200), body("told"), completed())
      .down(post(3) + down_.headers(3, trailers, true))
      .expect(request("POST /p", 2), request_end(2))
      .up(ok(3) + up_.headers(3, trailers, true))
      .expect(response(200, 2), completed(2))
      .run();
}

TEST_F(h2_tracker_of, interim_responses_are_passed_over) {
  script()
      .up(settings())
      .down(hello + get(1))
      .expect(request("GET /"), request_end())
      .up(up_.headers(1, status_fields("100")) + up_.headers(1, {{":status", "103"}, {"link", "x"}}))
      .expect()
      .up(ok(1, true))
      .expect(response(200), completed())
      .run();
}

TEST_F(h2_tracker_of, an_early_answer_is_complete_when_the_request_ends_or_is_reset) {
  script()
      .up(settings())
      .down(hello + post(1) + post(3))
      .expect(request("POST /p"), request("POST /p", 2))
      .up(ok(1, true) + ok(3, true) + reset(3, 0))
      .expect(response(200), response(200, 2), completed(2))
      .down(data(1, "late", true))
      .expect(request_body("late"), request_end(), completed())
      .run();
}

TEST_F(h2_tracker_of, a_reset_ends_its_stream_and_what_is_still_on_its_way_is_passed_over) {
  script()
      .up(settings())
      .down(hello + get(1) + get(3) + get(5))
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2), request("GET /", 3), request_end(3))
      .up(ok(1) + data(1, "par"))
      .expect(response(200), body("par"))
      .down(reset(1, 8))
      .expect(end(downstream_aborted, "CANCEL"))
      .up(reset(3, 7) + data(1, "t") + up_.headers(1, {{"grpc-status", "0"}}, true))
      .expect(end(upstream_aborted, "REFUSED_STREAM", 2))
      .up(ok(5, true))
      .expect(response(200, 3), completed(3))
      .run();
}

TEST_F(h2_tracker_of, goaway_ends_the_streams_that_are_not_served) {
  script()
      .up(settings())
      .down(hello + get(1) + get(3))
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2))
      .up(goaway(0x7fffffff) + goaway(1))
      .expect(end(upstream_aborted, "the origin went away before the request", 2))
      .up(ok(1, true))
      .expect(response(200), completed())
      .run();
}

TEST_F(h2_tracker_of, a_pushed_answer_is_an_exchange_of_its_own) {
  script()
      .up(settings())
      .down(hello + get(1))
      .expect(request("GET /"), request_end())
      .up(frame(h2_type::push_promise, end_headers, 1, big_endian(2) + up_.block(get_fields("/pushed"))))
      .expect(request("GET /pushed", 2), request_end(2))
      .up(ok(1, true) + ok(2) + data(2, "x", true))
      .expect(response(200), completed(), response(200, 2), body("x", 2), completed(2))
      .run();
}

TEST_F(h2_tracker_of, a_stream_cannot_be_promised_twice) {
  const std::string promise = frame(h2_type::push_promise, end_headers, 1, big_endian(2) + "\x82\x87\x84");
  script()
      .up(settings())
      .down(hello + get(1))
      .expect(request("GET /"), request_end())
      .up(promise + ok(2, true))
      .expect(request("GET /", 2), request_end(2), response(200, 2), completed(2))
      .up(promise)
      .expect(end(detached, "a malformed frame"))
      .run();
}

TEST_F(h2_tracker_of, a_granted_connect_is_a_tunnel_on_its_own_stream) {
  script()
      .up(settings())
      .down(hello + connect(1) + get(3))
      .expect(request("CONNECT there:1"), request_end(), request("GET /", 2), request_end(2))
      .up(ok(1))
      .expect(response(200), completed())
      .expect_state(phase::tunnel, 2, false)
      .down(data(1, "asked"))
      .expect(tunnel_down("asked"))
      .up(data(1, "told") + ok(3, true))
      .expect(tunnel_up("told"), response(200, 2), completed(2))
      .expect_state(phase::tunnel, 1, false)
      .up(data(1, "", true))
      .expect_state(phase::tunnel, 1, false)
      .down(data(1, "", true))
      .expect(tunnel_end(complete))
      .expect_state(phase::idle, 0, false)
      .run();
}

TEST_F(h2_tracker_of, a_tunnel_whose_client_had_ended_before_it_was_granted_ends_with_the_origin) {
  script()
      .up(settings())
      .down(hello + connect(1) + data(1, "", true))
      .expect(request("CONNECT there:1"), request_end())
      .up(ok(1))
      .expect(response(200), completed())
      .expect_state(phase::tunnel, 1, false)
      .up(data(1, "last words", true))
      .expect(tunnel_up("last words"), tunnel_end(complete))
      .expect_state(phase::idle, 0, false)
      .run();
}

TEST_F(h2_tracker_of, an_extended_connect_has_a_path_and_a_refused_one_a_body) {
  script()
      .up(settings())
      .down(hello + connect(1, {{":protocol", "websocket"}, {":scheme", "https"}, {":path", "/ws"}}))
      .expect(request("CONNECT /ws"), request_end())
      .up(up_.headers(1, status_fields("403")) + data(1, "no", true))
      .expect(response(403), body("no"), completed())
      .run();
}

TEST_F(h2_tracker_of, each_side_may_change_the_table_that_the_other_side_writes_with) {
  const h2_fields fields{{":status", "200"}, {"x-request-id", "a-rather-long-value"}};
  const std::string first = up_.headers(1, fields, true);
  up_.resize(0);
  const std::string without = up_.headers(3, fields, true);
  up_.resize(8192);
  down_.resize(8192);
  const std::string again = up_.headers(5, fields, true) + up_.headers(7, fields, true);
  script()
      .up(settings({{1, 8192}}))
      .down(h2_preface + settings({{3, 100}, {1, 8192}, {1, 0}}) + settings_ack() + get(1) + get(3))
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2))
      .up(first + settings_ack() + without)
      .expect(response(200), completed(), response(200, 2), completed(2))
      .down(settings({{1, 8192}}) + get(5) + get(7))
      .expect(request("GET /", 3), request_end(3), request("GET /", 4), request_end(4))
      .up(settings_ack() + again)
      .expect(response(200, 3), completed(3), response(200, 4), completed(4))
      .run();
}

TEST_F(h2_tracker_of, the_phase_is_that_of_the_most_patient_stream) {
  script()
      .expect_state(phase::idle, 0, false)
      .down(hello)
      .expect_state(phase::idle, 0, false)
      .down(post(1))
      .expect(request("POST /p"))
      .expect_state(phase::waiting, 1, true)
      .up(settings())
      .expect_state(phase::waiting, 1, false)
      .up(ok(1))
      .expect(response(200))
      .expect_state(phase::response, 1, false)
      .down(get(3))
      .expect(request("GET /", 2), request_end(2))
      .expect_state(phase::waiting, 2, false)
      .up(ok(3, true) + data(1, "", true))
      .expect(response(200, 2), completed(2))
      .expect_state(phase::request, 1, false)
      .down(data(1, "", true))
      .expect(request_end(), completed())
      .expect_state(phase::idle, 0, false)
      .run();
}

TEST_F(h2_tracker_of, the_end_of_a_side_ends_what_can_no_longer_be_whole) {
  script()
      .up(settings())
      .down(hello + post(1) + get(3) + post(5))
      .expect(request("POST /p"), request("GET /", 2), request_end(2), request("POST /p", 3))
      .up(ok(5, true))
      .expect(response(200, 3))
      .end_down()
      .expect(end(downstream_aborted, "the client ended inside the request"), completed(3))
      .up(ok(3))
      .expect(response(200, 2))
      .end_up()
      .expect(end(downstream_aborted, "the client ended before the response was whole", 2))
      .run();
}

TEST_F(h2_tracker_of, the_origins_end_ends_all) {
  script()
      .up(settings())
      .down(hello + get(1) + get(3) + post(5))
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2), request("POST /p", 3))
      .up(ok(1) + ok(5, true))
      .expect(response(200), response(200, 3))
      .end_up()
      .expect(end(upstream_aborted, "the origin ended inside the response"),
              end(upstream_aborted, "the origin ended before the response", 2), completed(3))
      .run();
}

TEST_F(h2_tracker_of, a_close_ends_all_with_its_cause) {
  script()
      .up(settings())
      .down(hello + get(1))
      .expect(request("GET /"), request_end())
      .close(timed_out, "upstream_timeout")
      .expect(end(timed_out, "upstream_timeout"))
      .down(get(3))
      .run();
}

TEST_F(h2_tracker_of, exchanges_of_no_interest_are_followed_all_the_same) {
  script()
      .ignoring("/dull")
      .down(hello + get(1, "/dull") + get(3))
      .expect(request("GET /", 2), request_end(2))
      .expect_state(phase::waiting, 2, true)
      .up(settings() + ok(1) + data(1, "x", true) + ok(3, true))
      .expect(response(200, 2), completed(2))
      .run();
}

TEST_F(h2_tracker_of, an_answer_that_ends_without_a_head_is_none) {
  script()
      .up(settings())
      .down(hello + get(1))
      .expect(request("GET /"), request_end())
      .up(data(1, "x", true))
      .expect(end(upstream_aborted, "a malformed response"))
      .run();
}

TEST_F(h2_tracker_of, a_malformed_message_is_no_exchange_and_the_others_go_on) {
  h2_fields forged = get_fields("/");
  forged.emplace_back("x", "a\r\nsession-id: forged");
  script()
      .up(settings())
      .down(hello + down_.headers(1, forged, true) + down_.headers(3, {{":method", "GET"}}, true) + get(5) + get(7))
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2))
      .up(up_.headers(5, {{"no", "status"}}) + up_.headers(7, status_fields("200"), true))
      .expect(end(upstream_aborted, "a malformed response"), response(200, 2), completed(2))
      .run();
}

/// One exchange, then bytes that cannot be followed: it ends as detached, for that reason.
void expect_detached(const std::string& open, const std::string& down, const std::string& up, const std::string& why,
                     h2_tracker::limits bounds = {}) {
  script(bounds)
      .up(settings())
      .down(hello + open)
      .expect(request("POST /p"))
      .down(down)
      .up(up)
      .expect(end(detached, why))
      .expect_state(phase::tunnel, 0, false)
      .run();
}

TEST_F(h2_tracker_of, what_breaks_the_protocol_detaches_the_tap) {
  const std::string open = post(1);
  expect_detached(open, "", data(0, "x"), "a malformed frame");
  expect_detached(open, "", data(3, "x"), "a stream that was never opened");
  expect_detached(open, "", frame(h2_type::headers, end_headers, 3, "\x88"), "a stream that was never opened");
  expect_detached(open, "", frame(h2_type::headers, end_headers, 1, "\xff\xff\xff\xff\xff\xff"),
                  "a malformed header block");
  for (const std::uint32_t promised : {0u, 3u}) {
    expect_detached(open, "", frame(h2_type::push_promise, end_headers, 1, big_endian(promised) + "\x82"),
                    "a malformed frame");
  }
}

TEST_F(h2_tracker_of, each_side_begins_with_its_settings_or_it_is_no_http2) {
  script()
      .down(hello + get(1))
      .expect(request("GET /"), request_end())
      .up("HTTP/1.1 400 Bad Request\r\n\r\n")
      .expect(end(detached, "a malformed frame"))
      .run();
  script().down(h2_preface + get(1)).expect_state(phase::tunnel, 0, false).run();
  script().down("GET / HTTP/1.1\r\n\r\n").expect_state(phase::tunnel, 0, false).run();
}

TEST_F(h2_tracker_of, what_only_an_origin_may_send_detaches_the_tap_when_the_client_does) {
  for (const std::string& sent : {frame(h2_type::push_promise, end_headers, 1, big_endian(2) + "\x82"),
                                  frame(h2_type::headers, end_headers, 2, "\x82\x84")}) {
    script()
        .up(settings())
        .down(hello + hpack_encoder().headers(1, post_fields("/p")))
        .expect(request("POST /p"))
        .down(sent)
        .expect(end(detached, "a malformed frame"))
        .run();
  }
}

TEST_F(h2_tracker_of, open_streams_are_bounded) {
  script({.open_streams = 2})
      .up(settings())
      .down(hello + get(1) + get(3))
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2))
      .up(ok(1, true))
      .expect(response(200), completed())
      .down(get(5))
      .expect(request("GET /", 3), request_end(3))
      .down(get(7))
      .expect(end(detached, "too many open streams", 2), end(detached, "too many open streams", 3))
      .run();
}

TEST_F(h2_tracker_of, promises_count_as_open_streams) {
  script({.open_streams = 1})
      .up(settings())
      .down(hello + get(1))
      .expect(request("GET /"), request_end())
      .up(frame(h2_type::push_promise, end_headers, 1, big_endian(2) + up_.block(get_fields("/pushed"))))
      .expect(end(detached, "too many open streams"))
      .run();
}

TEST_F(h2_tracker_of, header_lists_and_tables_are_bounded) {
  const h2_fields big{{":status", "200"}, {"x", std::string(600, 'v')}};
  expect_detached(post(1), "", up_.headers(1, big), "a header list or table over the limit", {.head = 512});
  hpack_encoder larger;
  larger.resize(8192);
  expect_detached(hpack_encoder().headers(1, post_fields("/p")), settings({{1, 8192}}),
                  larger.headers(1, status_fields("200")), "a header list or table over the limit",
                  {.header_table = 4096});
}

TEST_F(h2_tracker_of, what_the_header_lists_of_one_block_of_bytes_unfold_to_is_bounded) {
  const h2_fields big{{":status", "103"}, {"x", std::string(400, 'v')}};
  const auto lists = [&](int count) {
    std::string frames;
    while (count-- > 0) frames += up_.headers(1, big);
    return frames;
  };
  struct : exchange_observer {
    std::unique_ptr<exchange_tap> on_request(const net::wire::request_head&) override { return nullptr; }
  } nobody;
  h2_tracker tracker(nobody, {.head = 512});
  tracker.observe(side::downstream, hello + post(1));
  tracker.observe(side::upstream, settings() + lists(1));
  const std::string few = lists(10);
  EXPECT_LT(few.size(), 200u) << "they refer to the table";
  for (int i = 0; i < 10; ++i) tracker.observe(side::upstream, few);
  EXPECT_EQ(tracker.detached_reason(), "");
  tracker.observe(side::upstream, lists(40));
  EXPECT_EQ(tracker.detached_reason(), "header lists that unfold to too much at once");
}

TEST_F(h2_tracker_of, continuations_are_bounded) {
  const std::string open = frame(h2_type::headers, 0, 1);
  const std::string goes_on = frame(h2_type::continuation, 0, 1);
  expect_detached(post(1), "", open + goes_on + goes_on + goes_on, "too many CONTINUATION frames",
                  {.continuations = 2});
}

TEST_F(h2_tracker_of, resets_in_a_row_without_an_answer_are_bounded) {
  script({.resets = 1})
      .up(settings())
      .down(hello + get(1) + reset(1, 8) + get(3))
      .expect(request("GET /"), request_end(), end(downstream_aborted, "CANCEL"), request("GET /", 2), request_end(2))
      .up(ok(3, true))
      .expect(response(200, 2), completed(2))
      .down(get(5) + get(7) + get(9))
      .expect(request("GET /", 3), request_end(3), request("GET /", 4), request_end(4), request("GET /", 5),
              request_end(5))
      .up(reset(5, 11))
      .expect(end(upstream_aborted, "ENHANCE_YOUR_CALM", 3))
      .down(reset(7, 8))
      .expect(end(detached, "too many streams reset", 4), end(detached, "too many streams reset", 5))
      .run();
}

TEST_F(h2_tracker_of, resets_of_answers_under_way_are_everyday_life) {
  script({.resets = 1})
      .up(settings())
      .down(hello + get(1) + get(3) + get(5))
      .expect(request("GET /"), request_end(), request("GET /", 2), request_end(2), request("GET /", 3), request_end(3))
      .up(ok(1) + ok(3) + ok(5))
      .expect(response(200), response(200, 2), response(200, 3))
      .down(reset(1, 8) + reset(3, 8) + reset(5, 8))
      .expect(end(downstream_aborted, "CANCEL"), end(downstream_aborted, "CANCEL", 2),
              end(downstream_aborted, "CANCEL", 3))
      .expect_state(phase::idle, 0, false)
      .run();
}

}  // namespace
}  // namespace mitm
