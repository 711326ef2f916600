#include "app/http/h2_protocol.hpp"

#include <gmock/gmock.h>

#include "test/app/http/h2_client.hpp"

namespace app {
namespace {

constexpr std::size_t window = 65'535;

class api_h2_protocol : public testing::Test {
 protected:
  explicit api_h2_protocol(h2_protocol::limits bounds = {10, 2000, 200'000}, bool reading = true)
      : client_(reading), server_(bounds) {}

  /// Both say all that they have to say.
  void exchange() {
    for (bool more = true; more;) {
      const auto up = client_.take();
      server_.feed(up);
      std::string down;
      server_.take(down);
      client_.feed(down);
      more = !up.empty() || !down.empty();
    }
  }

  h2_protocol::stream_ptr only_request() {
    exchange();
    auto all = server_.requests();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? std::make_shared<h2_stream>(0) : all.front();
  }

  h2_peer client_;
  h2_protocol server_;
};

TEST_F(api_h2_protocol, a_request_comes_with_its_fields_and_its_body) {
  client_.ask("POST", "/v1/things?a=b", {{"authorization", "Bearer k"}, {"content-type", "text/plain"}}, "words");
  const auto stream = only_request();
  EXPECT_EQ(stream->head.method, "POST");
  EXPECT_EQ(stream->head.target, "/v1/things?a=b");
  EXPECT_EQ(stream->head.host, "localhost");
  EXPECT_EQ(stream->head.authorization, "Bearer k");
  EXPECT_EQ(stream->head.content_type, "text/plain");
  EXPECT_EQ(stream->body, "words");
  EXPECT_TRUE(stream->body_whole);
}

TEST_F(api_h2_protocol, an_answer_has_lower_case_names_and_all_of_its_body) {
  const auto id = client_.ask("GET", "/");
  const auto stream = only_request();
  stream->out = std::string(3 * window, 'x');
  stream->out_ended = true;
  server_.answer(*stream, 200, {{"Content-Type", "text/plain"}}, true);
  exchange();
  EXPECT_EQ(client_.at(id).status, "200");
  EXPECT_EQ(client_.at(id).fields.at("content-type"), "text/plain");
  EXPECT_EQ(client_.at(id).body.size(), 3 * window);
  EXPECT_EQ(client_.at(id).error, NGHTTP2_NO_ERROR);
  EXPECT_TRUE(stream->answered && stream->closed);
  EXPECT_EQ(server_.open(), 0u);
}

TEST_F(api_h2_protocol, an_answer_may_come_in_parts_and_end_later) {
  const auto id = client_.ask("GET", "/");
  const auto stream = only_request();
  server_.answer(*stream, 200, {}, true);
  exchange();
  EXPECT_EQ(client_.at(id).status, "200");
  int told = 0;
  stream->on_change = [&] { ++told; };
  for (const char* part : {"one ", "two"}) {
    stream->out = part;
    server_.go_on(*stream);
    exchange();
    EXPECT_TRUE(client_.at(id).body.ends_with(part));
  }
  EXPECT_EQ(told, 2);
  EXPECT_FALSE(client_.at(id).whole);
  stream->out_ended = true;
  server_.go_on(*stream);
  exchange();
  EXPECT_TRUE(client_.at(id).whole);
}

TEST_F(api_h2_protocol, a_stream_that_the_client_resets_is_closed_without_an_answer) {
  const auto id = client_.ask("GET", "/");
  const auto stream = only_request();
  bool told = false;
  stream->on_change = [&] { told = true; };
  client_.reset(id);
  exchange();
  EXPECT_TRUE(told && stream->closed);
  EXPECT_FALSE(stream->answered);
}

TEST_F(api_h2_protocol, the_rest_of_a_body_can_be_let_in_and_away) {
  const auto id = client_.ask("POST", "/", {}, std::string(6 * window, 'x'));
  const auto stream = only_request();
  server_.answer(*stream, 404, {}, false);
  exchange();
  EXPECT_TRUE(client_.at(id).whole);
  EXPECT_FALSE(stream->closed);
  server_.drop_body(*stream);
  exchange();
  EXPECT_EQ(client_.left_of_body(id), 0u);
  EXPECT_EQ(client_.at(id).error, NGHTTP2_NO_ERROR);
  EXPECT_TRUE(stream->closed && stream->body.empty());
}

TEST_F(api_h2_protocol, a_body_that_nobody_wants_stays_with_the_client) {
  const auto id = client_.ask("POST", "/", {}, std::string(3 * window, 'x'));
  const auto stream = only_request();
  EXPECT_EQ(stream->body.size(), window);
  EXPECT_EQ(client_.left_of_body(id), 2 * window);
  server_.want_body(*stream);
  exchange();
  EXPECT_EQ(stream->body.size(), 3 * window);
  EXPECT_TRUE(stream->body_whole);
}

TEST_F(api_h2_protocol, a_body_beyond_the_limit_is_cut) {
  client_.ask("POST", "/", {}, std::string(6 * window, 'x'));
  const auto stream = only_request();
  server_.want_body(*stream);
  exchange();
  EXPECT_TRUE(stream->body_too_large);
  EXPECT_FALSE(stream->body_whole);
  EXPECT_LE(stream->body.size(), 200'000u);
}

TEST_F(api_h2_protocol, a_head_beyond_the_limit_is_told_by_its_size) {
  client_.ask("GET", "/", {{"x-large", std::string(3000, 'x')}});
  EXPECT_GT(only_request()->head.size, 3000u);
  EXPECT_EQ(client_.setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE), 2000u);
}

TEST_F(api_h2_protocol, a_head_that_has_begun_is_under_way) {
  const auto id = client_.ask("GET", "/", {{"x-large", std::string(500, 'x')}});
  const auto bytes = client_.take();
  server_.feed(bytes.substr(0, bytes.size() - 1));
  EXPECT_EQ(server_.head_under_way(), id);
  EXPECT_TRUE(server_.requests().empty());
  server_.feed(bytes.substr(bytes.size() - 1));
  EXPECT_EQ(server_.head_under_way(), 0);
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(api_h2_protocol, after_a_goodbye_what_is_under_way_goes_on_and_nothing_new_begins) {
  const auto first = client_.ask("GET", "/");
  const auto stream = only_request();
  server_.leave();
  std::string goodbye;
  server_.take(goodbye);
  client_.ask("GET", "/late");
  server_.feed(client_.take());
  client_.feed(goodbye);
  exchange();
  EXPECT_TRUE(server_.requests().empty());
  EXPECT_EQ(client_.goaway(), NGHTTP2_NO_ERROR);
  EXPECT_FALSE(server_.over());
  stream->out_ended = true;
  server_.answer(*stream, 200, {}, true);
  exchange();
  EXPECT_EQ(client_.at(first).status, "200");
  EXPECT_TRUE(server_.over());
}

TEST_F(api_h2_protocol, what_crosses_the_goodbye_is_refused_as_it_says) {
  exchange();
  const auto late = client_.ask("GET", "/late");
  const auto bytes = client_.take();
  server_.leave();
  server_.feed(bytes);
  EXPECT_TRUE(server_.requests().empty());
  exchange();
  EXPECT_EQ(client_.at(late).error, NGHTTP2_REFUSED_STREAM);
}

TEST_F(api_h2_protocol, what_is_no_http_2_gets_a_goodbye_with_the_reason) {
  exchange();
  server_.feed(std::string("\0\0\4\10\0\0\0\0\0\0\0\0\0", 13));  // WINDOW_UPDATE by nothing
  exchange();
  EXPECT_EQ(client_.goaway(), NGHTTP2_PROTOCOL_ERROR);
  EXPECT_TRUE(server_.over());
}

TEST_F(api_h2_protocol, what_does_not_begin_with_the_preface_is_over) {
  server_.feed("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(server_.over());
}

TEST_F(api_h2_protocol, streams_of_a_connection_that_has_gone_are_closed) {
  client_.ask("GET", "/");
  const auto stream = only_request();
  server_.abandon();
  EXPECT_TRUE(stream->closed);
  server_.answer(*stream, 200, {}, true);
  server_.go_on(*stream);
  server_.reset(*stream, NGHTTP2_CANCEL);
}

struct api_h2_protocol_of_two_streams : api_h2_protocol {
  api_h2_protocol_of_two_streams() : api_h2_protocol({2, 2000, 200'000}) {}
};

TEST_F(api_h2_protocol_of_two_streams, a_third_one_at_once_is_refused) {
  for (int i = 0; i < 3; ++i) client_.ask("GET", "/");  // before it has seen our settings
  exchange();
  EXPECT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(client_.at(5).error, NGHTTP2_REFUSED_STREAM);
  EXPECT_EQ(client_.setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 2u);
}

TEST_F(api_h2_protocol, all_bodies_together_are_held_to_the_limit_and_the_oldest_goes_on) {
  client_.ask("POST", "/", {}, std::string(150'000, 'x'), false);
  for (int i = 0; i < 2; ++i) client_.ask("POST", "/", {}, std::string(190'000, 'x'));
  exchange();
  const auto streams = server_.requests();
  ASSERT_EQ(streams.size(), 3u);
  for (const auto& each : streams) server_.want_body(*each);
  exchange();
  EXPECT_EQ(streams[0]->body.size(), 150'000u);
  EXPECT_LE(streams[1]->body.size(), 2 * window);
  EXPECT_LE(streams[2]->body.size(), 2 * window);
  client_.add_body(1, "end", true);
  exchange();
  for (const auto& each : streams) EXPECT_TRUE(each->body_whole);
}

TEST_F(api_h2_protocol, the_end_of_the_oldest_body_lets_the_next_go_on) {
  for (int i = 0; i < 2; ++i) client_.ask("POST", "/", {}, std::string(150'000, 'x'));
  exchange();
  const auto streams = server_.requests();
  for (const auto& each : streams) each->body.resize(200'000);  // as much as all may have
  server_.want_body(*streams[0]);
  server_.want_body(*streams[1]);
  server_.reset(*streams[0], NGHTTP2_CANCEL);
  const auto before = client_.left_of_body(3);
  std::string down;
  server_.take(down);
  client_.feed(down);
  client_.take();
  EXPECT_LT(client_.left_of_body(3), before);
}

struct api_h2_protocol_of_a_client_that_does_not_read : api_h2_protocol {
  api_h2_protocol_of_a_client_that_does_not_read() : api_h2_protocol({10, 2000, 200'000}, false) {}
};

TEST_F(api_h2_protocol_of_a_client_that_does_not_read, an_answer_stops_at_its_window) {
  const auto id = client_.ask("GET", "/");
  const auto stream = only_request();
  stream->out = std::string(2 * window, 'x');
  stream->out_ended = true;
  server_.answer(*stream, 200, {}, true);
  exchange();
  EXPECT_EQ(client_.at(id).body.size(), window);
  EXPECT_FALSE(stream->out.empty());
  client_.open_windows();
  exchange();
  EXPECT_EQ(client_.at(id).body.size(), 2 * window);
  EXPECT_TRUE(stream->out.empty() && stream->answered);
}

}  // namespace
}  // namespace app
