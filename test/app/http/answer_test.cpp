#include "app/http/answer.hpp"

#include "test/app/http/api_fixture.hpp"

namespace app {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr std::string_view get_stream = "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n";

class api_answer : public api_fixture {
 protected:
  void stream_by(api_writer writer) {
    settings_.routes.push_back({"GET", "/stream", [writer](api_request) -> asio::awaitable<api_response> {
                                  co_return api_response{.content_type = "text/event-stream; charset=utf-8",
                                                         .stream = writer};
                                }});
    start();
  }
};

asio::awaitable<stream_end> two_words(api_stream& to, api_response&) {
  if ((co_await to.write("one ")).has_error()) co_return stream_end::broken;
  if ((co_await to.write("")).has_error()) co_return stream_end::broken;  // not the chunk that ends a body
  co_return (co_await to.write("two")).has_value() ? stream_end::whole : stream_end::broken;
}

TEST_F(api_answer, a_stream_comes_in_chunks_and_the_connection_is_kept) {
  stream_by(two_words);
  auto peer = client();
  for (int i = 0; i < 2; ++i) {
    const auto answer = peer.send(get_stream).answer();
    EXPECT_TRUE(answer.chunked());
    EXPECT_EQ(answer.body(), "one two");
    EXPECT_EQ(answer[http::field::cache_control], "no-cache");
    EXPECT_EQ(answer["x-accel-buffering"], "no");
    EXPECT_TRUE(answer["x-request-id"].starts_with("req_"));
  }
  EXPECT_EQ(peer.send(get_root).answer().body(), "root");
}

TEST_F(api_answer, a_client_without_chunks_gets_the_bytes_and_the_end_of_the_connection) {
  stream_by(two_words);
  auto peer = client();
  const auto all = peer.send("GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n").rest();
  EXPECT_THAT(all, EndsWith("\r\n\r\none two"));
  EXPECT_THAT(all, testing::Not(HasSubstr("chunked")));
}

TEST_F(api_answer, head_of_a_stream_is_its_head) {
  stream_by(two_words);
  auto peer = client();
  peer.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(peer.answer(true)[http::field::content_type], "text/event-stream; charset=utf-8");
  EXPECT_EQ(peer.send(get_root).answer().body(), "root");
}

TEST_F(api_answer, a_stream_that_breaks_off_is_reset) {
  stream_by([](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    co_await to.write("half of it");
    co_return stream_end::broken;
  });
  auto peer = client();
  const auto all = peer.send(get_stream).rest();
  EXPECT_EQ(peer.ended_by(), asio::error::connection_reset) << all;
}

TEST_F(api_answer, a_stream_that_wrote_nothing_can_be_another_answer) {
  stream_by([](api_stream& to, api_response& instead) -> asio::awaitable<stream_end> {
    EXPECT_FALSE(to.begun());
    instead = {503, "later"};
    co_return stream_end::instead;
  });
  auto peer = client();
  const auto answer = peer.send(get_stream).answer();
  EXPECT_EQ(answer.result_int(), 503u);
  EXPECT_EQ(answer.body(), "later");
  EXPECT_EQ(peer.send(get_root).answer().body(), "root");
}

TEST_F(api_answer, a_few_bytes_can_be_sent_in_passing) {
  stream_by([](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    to.write_now(": ping\n");
    EXPECT_TRUE(to.begun());
    const auto sent = co_await to.write("word");
    co_return sent ? stream_end::whole : stream_end::broken;
  });
  auto peer = client();
  EXPECT_EQ(peer.send(get_stream).answer().body(), ": ping\nword");
}

TEST_F(api_answer, what_is_sent_in_passing_to_a_client_that_does_not_read_is_forgotten_and_harms_nothing) {
  stream_by([](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    for (int i = 0; i < 200'000; ++i) to.write_now(std::string(100, 'p'));
    const auto sent = co_await to.write("end");
    co_return sent ? stream_end::whole : stream_end::broken;
  });
  auto peer = client();
  const auto body = peer.send(get_stream).answer().body();
  EXPECT_THAT(body, EndsWith("end"));
  EXPECT_EQ(body.find_first_not_of('p'), body.size() - 3);
  EXPECT_EQ((body.size() - 3) % 100, 0u);
}

TEST_F(api_answer, each_write_is_sent_at_once) {
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
  auto peer = client();
  peer.send(get_stream);
  std::string seen;
  while (!seen.ends_with("5\r\nfirst\r\n")) {  // ends although the answer does not
    char byte;
    asio::read(peer.socket(), asio::buffer(&byte, 1));
    seen += byte;
  }
  waiting.get_future().wait();
  asio::post(go_on->get_executor(), [&] { go_on->cancel(); });
  std::string rest(std::string_view("6\r\nsecond\r\n0\r\n\r\n").size(), ' ');
  asio::read(peer.socket(), asio::buffer(rest));
  EXPECT_EQ(rest, "6\r\nsecond\r\n0\r\n\r\n");
}

TEST_F(api_answer, a_client_that_does_not_read_stops_the_writer_and_is_given_up) {
  settings_.limits.write = milliseconds(200);
  std::promise<std::pair<std::size_t, boost::system::error_code>> ended;
  stream_by([&](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
    const std::string piece(1 << 16, 'x');
    for (std::size_t written = 0;; written += piece.size()) {
      const auto sent = co_await to.write(piece);
      if (sent.has_error()) {
        ended.set_value({written, sent.error()});
        co_return stream_end::broken;
      }
    }
  });
  auto peer = client();
  peer.send(get_stream);
  const auto [written, error] = ended.get_future().get();
  EXPECT_EQ(error, asio::error::timed_out);
  EXPECT_LT(written, 64u << 20);  // what two sockets hold, not what there is to say
}

}  // namespace
}  // namespace app
