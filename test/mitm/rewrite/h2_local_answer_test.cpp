#include "mitm/rewrite/h2_local_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "mitm/tap/h2_tracker.hpp"
#include "test/support/h2_frames.hpp"
#include "test/support/transcript.hpp"

namespace {

using namespace support;

const mitm::local_answer message{502, {{"X-Zerogravity-Error", "upstream_refused"}}, "{\"error\":{}}\n"};

/// What a client with two open streams makes of it.
lines heard_by_client(bool with_body) {
  transcript heard;
  mitm::h2_tracker client(heard, {});
  hpack_encoder down;
  client.observe(mitm::side::downstream, h2_preface + settings() + down.headers(1, get_fields("/a"), true) +
                                             down.headers(5, get_fields("/b"), true));
  client.observe(mitm::side::upstream, mitm::last_h2_answers(message, std::array{1u, 5u}, with_body));
  EXPECT_EQ(client.detached_reason(), "");
  return heard.take();
}

TEST(h2_local_answer, is_a_whole_answer_to_each_stream) {
  EXPECT_EQ(heard_by_client(true),
            (lines{request("GET /a"), request_end(), request("GET /b", 2), request_end(2), response(502),
                   body(message.body), completed(), response(502, 2), body(message.body, 2), completed(2)}));
}

TEST(h2_local_answer, has_no_body_for_a_head_request) {
  EXPECT_EQ(heard_by_client(false), (lines{request("GET /a"), request_end(), request("GET /b", 2), request_end(2),
                                           response(502), completed(), response(502, 2), completed(2)}));
}

TEST(h2_local_answer, ends_the_connection_with_goaway) {
  EXPECT_THAT(mitm::last_h2_answers(message, std::array{1u, 5u}, true),
              testing::EndsWith(frame(h2_type::goaway, 0, 0, big_endian(5) + big_endian(0))));
}

}  // namespace
