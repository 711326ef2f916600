#include "app/http/h2_exchange.hpp"

#include "test/app/http/api_fixture.hpp"
#include "test/app/http/h2_client.hpp"

namespace app {
namespace {

using testing::HasSubstr;

const std::string key = "sixteen-letters!";

std::string code_of(const h2_answer& answer) {
  return std::string(boost::json::parse(answer.body).at("error").at("code").as_string());
}

class api_h2_exchange : public api_fixture {
 protected:
  void stream_by(api_writer writer) {
    settings_.routes.push_back({"GET", "/stream", [writer](api_request) -> asio::awaitable<api_response> {
                                  co_return api_response{.content_type = "text/event-stream", .stream = writer};
                                }});
    start();
  }
};

TEST_F(api_h2_exchange, requests_take_the_same_way_as_in_http_1_1) {
  start();
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("GET", "/").body, "root");
  EXPECT_EQ(peer.answer_to("GET", "/query?a=b").body, "a=b");
  EXPECT_EQ(peer.answer_to("POST", "/echo", {}, "words").body, "words");
  EXPECT_EQ(peer.answer_to("GET", "/nowhere").status, "404");
  EXPECT_EQ(peer.answer_to("DELETE", "/").fields["allow"], "GET, HEAD");
  EXPECT_EQ(peer.answer_to("GET", "/", {{":authority", "evil.example"}}).status, "421");
  EXPECT_EQ(peer.answer_to("GET", "/", {{"host", "elsewhere"}}).status, "400");
  EXPECT_EQ(peer.answer_to("GET", "/fault").status, "500");
  EXPECT_THAT(faults(), testing::ElementsAre(HasSubstr("secret reason")));
}

TEST_F(api_h2_exchange, the_key_is_asked_for) {
  settings_.key = key;
  settings_.require_key = true;
  start();
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("GET", "/").status, "200");  // open
  EXPECT_EQ(peer.answer_to("GET", "/query").status, "401");
  EXPECT_EQ(peer.answer_to("GET", "/query", {{"authorization", "Bearer other-letters!!!"}}).status, "401");
  EXPECT_EQ(peer.answer_to("GET", "/query", {{"authorization", "Bearer " + key}}).status, "200");
}

TEST_F(api_h2_exchange, a_web_page_may_ask_only_if_its_origin_is_listed) {
  settings_.cors_origins = {"https://app.example"};
  start();
  h2_client peer(address_);
  const h2_fields good{{"origin", "https://app.example"}, {"access-control-request-headers", "authorization"}};
  const auto preflight = peer.answer_to("OPTIONS", "/", good);
  EXPECT_EQ(preflight.status, "204");
  EXPECT_EQ(preflight.fields.at("access-control-allow-headers"), "authorization");
  EXPECT_EQ(preflight.fields.count("content-length"), 0u);
  EXPECT_EQ(peer.answer_to("GET", "/", good).fields["access-control-allow-origin"], "https://app.example");
  EXPECT_EQ(peer.answer_to("OPTIONS", "/", {{"origin", "https://evil.example"}}).status, "403");
  EXPECT_EQ(peer.answer_to("GET", "/", {{"origin", "https://evil.example"}}).status, "403");
  EXPECT_EQ(peer.answer_to("GET", "/", {{"sec-fetch-site", "cross-site"}}).status, "403");
  EXPECT_EQ(peer.answer_to("GET", "/", {{"origin", "https://app.example"}, {"origin", "null"}}).status, "400");
  EXPECT_EQ(peer.answer_to("POST", "/act", {{"content-type", "text/plain"}}, "{}").status, "415");
  EXPECT_EQ(peer.answer_to("POST", "/act", {}, "{}").status, "415");
  EXPECT_EQ(peer.answer_to("POST", "/act", {{"content-type", "application/json"}}, "{}").body, "done");
}

TEST_F(api_h2_exchange, an_answer_has_the_headers_that_sdks_read_and_none_of_a_connection) {
  start();
  h2_client peer(address_);
  const auto answer = peer.answer_to("GET", "/");
  EXPECT_THAT(answer.fields.at("x-request-id"), testing::StartsWith("req_"));
  EXPECT_EQ(answer.fields.at("content-type"), "application/json");
  EXPECT_EQ(answer.fields.at("content-length"), "4");
  EXPECT_FALSE(answer.fields.at("date").empty());
  for (const char* name : {"connection", "keep-alive", "transfer-encoding", "upgrade"}) {
    EXPECT_EQ(answer.fields.count(name), 0u) << name;
  }
  EXPECT_TRUE(peer.valid());
}

TEST_F(api_h2_exchange, head_gets_the_length_of_the_body_without_the_body) {
  start();
  h2_client peer(address_);
  const auto answer = peer.answer_to("HEAD", "/");
  EXPECT_EQ(answer.status, "200");
  EXPECT_EQ(answer.fields.at("content-length"), "4");
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(answer.whole);
}

TEST_F(api_h2_exchange, a_body_over_the_limit_is_refused_however_it_says_its_length) {
  settings_.limits.body_size = 100'000;
  start();
  h2_client peer(address_);
  const std::string large(400'000, 'x');
  for (const h2_fields& more : {h2_fields{}, h2_fields{{"content-length", "400000"}}}) {
    const auto answer = peer.answer_to("POST", "/echo", more, large);
    EXPECT_EQ(answer.status, "413");
    EXPECT_EQ(code_of(answer), "request_too_large");
  }
  EXPECT_EQ(peer.answer_to("POST", "/echo", {}, std::string(100'000, 'y')).body.size(), 100'000u);
}

TEST_F(api_h2_exchange, all_bodies_together_are_held_to_one_budget) {
  net::memory_budget held(1 << 20);
  settings_.held = &held;
  start();
  h2_client peer(address_);
  const auto unfinished = peer.ask("POST", "/echo", {}, std::string(800'000, 'x'), false);
  peer.until([&] { return peer.left_of_body(unfinished) == 0; });
  eventually([&] { return held.used() >= 800'000; });  // the server may say nothing more
  h2_client late(address_);
  const auto refused = late.answer_to("POST", "/echo", {}, std::string(300'000, 'x'));
  EXPECT_EQ(refused.status, "503");
  EXPECT_EQ(refused.fields.at("retry-after"), "1");
  EXPECT_EQ(late.answer_to("POST", "/echo", {}, std::string(10'000, 'x')).status, "200") << "small ones have room";
  peer.add_body(unfinished, "", true);
  EXPECT_EQ(peer.answer(unfinished).body.size(), 800'000u);
  EXPECT_EQ(late.answer_to("POST", "/echo", {}, std::string(300'000, 'x')).status, "200");
}

TEST_F(api_h2_exchange, a_body_that_does_not_come_in_time_is_refused) {
  settings_.limits.body = milliseconds(200);
  start();
  h2_client peer(address_);
  const auto id = peer.ask("POST", "/echo", {}, "begun", false);
  peer.until([&] { return peer.at(id).whole; });
  EXPECT_EQ(peer.at(id).status, "408");
  peer.add_body(id, " and ended", true);
  EXPECT_EQ(peer.answer(id).error, NGHTTP2_NO_ERROR);
}

TEST_F(api_h2_exchange, a_client_that_goes_on_after_its_answer_is_stopped_without_blame) {
  start();
  h2_client peer(address_);
  const auto id = peer.ask("POST", "/nowhere", {}, "begun", false);
  EXPECT_EQ(peer.answer(id).status, "404");
  EXPECT_EQ(peer.at(id).error, NGHTTP2_NO_ERROR);
}

TEST_F(api_h2_exchange, a_head_over_the_limit_is_refused) {
  settings_.limits.head_size = 2000;
  start();
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("GET", "/", {{"x-large", std::string(3000, 'x')}}).status, "431");
  EXPECT_EQ(peer.answer_to("GET", "/").status, "200");
}

TEST_F(api_h2_exchange, each_write_is_sent_at_once) {
  asio::steady_timer* go_on = nullptr;
  std::promise<void> waiting;
  stream_by([&](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    asio::steady_timer timer(co_await asio::this_coro::executor, never);
    go_on = &timer;
    co_await to.write("first");
    waiting.set_value();
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return (co_await to.write("second")).has_value() ? stream_end::whole : stream_end::broken;
  });
  h2_client peer(address_);
  const auto id = peer.ask("GET", "/stream");
  peer.until([&] { return peer.at(id).body == "first"; });
  EXPECT_EQ(peer.at(id).fields.at("content-type"), "text/event-stream");
  EXPECT_FALSE(peer.at(id).whole);
  waiting.get_future().wait();
  asio::post(go_on->get_executor(), [&] { go_on->cancel(); });
  EXPECT_EQ(peer.answer(id).body, "firstsecond");
  EXPECT_TRUE(peer.at(id).whole);
}

TEST_F(api_h2_exchange, a_stream_that_breaks_off_is_reset) {
  stream_by([](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    co_await to.write("half of it");
    co_return stream_end::broken;
  });
  h2_client peer(address_);
  const auto answer = peer.answer_to("GET", "/stream");
  EXPECT_FALSE(answer.whole);
  EXPECT_EQ(answer.error, NGHTTP2_INTERNAL_ERROR);
  EXPECT_EQ(peer.answer_to("GET", "/").body, "root");  // the connection is none the worse for it
}

TEST_F(api_h2_exchange, a_stream_whose_writer_throws_is_reset_and_told) {
  stream_by([](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    co_await to.write("half of it");
    throw std::runtime_error("secret reason");
  });
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("GET", "/stream").error, NGHTTP2_INTERNAL_ERROR);
  eventually([&] { return faults().size() == 1; });
}

TEST_F(api_h2_exchange, a_stream_that_wrote_nothing_can_be_another_answer) {
  stream_by([](api_stream& to, api_response& instead) -> asio::awaitable<stream_end> {
    EXPECT_FALSE(to.begun());
    instead = {503, "later"};
    co_return stream_end::instead;
  });
  h2_client peer(address_);
  const auto answer = peer.answer_to("GET", "/stream");
  EXPECT_EQ(answer.status, "503");
  EXPECT_EQ(answer.body, "later");
}

TEST_F(api_h2_exchange, a_few_bytes_can_be_sent_in_passing_or_are_forgotten) {
  stream_by([](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    for (int i = 0; i < 20'000; ++i) to.write_now(std::string(100, 'p'));
    const auto sent = co_await to.write("end");
    co_return sent ? stream_end::whole : stream_end::broken;
  });
  h2_client peer(address_);
  const auto body = peer.answer_to("GET", "/stream").body;
  ASSERT_THAT(body, testing::EndsWith("end"));
  EXPECT_GT(body.size(), 100u);
  EXPECT_LT(body.size(), 2'000'000u);
  EXPECT_EQ((body.size() - 3) % 100, 0u);
}

TEST_F(api_h2_exchange, a_client_that_opens_no_window_stops_the_writer_and_is_given_up) {
  settings_.limits.write = milliseconds(200);
  std::promise<std::pair<std::size_t, boost::system::error_code>> ended;
  stream_by([&](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    const std::string piece(1 << 14, 'x');
    for (std::size_t written = 0;; written += piece.size()) {
      const auto sent = co_await to.write(piece);
      if (sent.has_error()) {
        ended.set_value({written, sent.error()});
        co_return stream_end::broken;
      }
    }
  });
  h2_client peer(address_, false);
  const auto id = peer.ask("GET", "/stream");
  EXPECT_EQ(peer.answer(id).error, NGHTTP2_INTERNAL_ERROR);
  const auto [written, error] = ended.get_future().get();
  EXPECT_EQ(error, asio::error::timed_out);
  EXPECT_EQ(written, 3u << 14);  // one window
  EXPECT_EQ(peer.answer_to("HEAD", "/").status, "200");
}

TEST_F(api_h2_exchange, a_writer_goes_on_when_the_window_is_opened) {
  stream_by([](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    const auto sent = co_await to.write(std::string(1 << 20, 'x'));
    co_return sent ? stream_end::whole : stream_end::broken;
  });
  h2_client peer(address_, false);
  const auto id = peer.ask("GET", "/stream");
  peer.until([&] { return peer.at(id).body.size() == 65'535; });
  while (!peer.at(id).whole) {
    peer.open_windows();
    const auto before = peer.at(id).body.size();
    peer.until([&] { return peer.at(id).whole || peer.at(id).body.size() > before; });
  }
  EXPECT_EQ(peer.at(id).body.size(), 1u << 20);
}

}  // namespace
}  // namespace app
