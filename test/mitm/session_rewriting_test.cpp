// Sessions to a host that rules concern, over real TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "test/mitm/session_fixture.hpp"
#include "test/support/websocket_frames.hpp"

namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
namespace asio = boost::asio;

class session_rewriting : public test::session_fixture {
 protected:
  session_rewriting() { rules_ = &script_; }
  // An origin that was never asked may still write down what it heard.
  ~session_rewriting() override {
    origin_.reset();
    pool_.stop();
  }

  /// An origin that answers each of its requests, which end in `last`, with `answer`.
  void origin_of(std::string last, std::string answer, int requests = 1) {
    origin([this, last, answer, requests](net::tls_stream& client) -> asio::awaitable<void> {
      for (int i = 0; i < requests; ++i) {
        asked_ += co_await test::read_until(client, last);
        co_await net::write_all(client, answer);
      }
      co_await test::read_to_end(client);
    });
  }

  /// Sends `request`, reads until `last`, and leaves.
  void ask(std::string request, std::string last) {
    connection(tls_client("api.watched.test", [=, this](net::tls_stream& stream, auto) -> asio::awaitable<void> {
      co_await net::write_all(stream, request);
      got_ = co_await test::read_until(stream, last, &ended_);
      stream.shutdown_send();
      co_await test::read_to_end(stream);
    }));
  }

  test::rules_for_all script_;
  std::string asked_;
  std::string got_;
  boost::system::error_code ended_;
};

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

TEST_F(session_rewriting, changes_a_request_and_passes_its_answer) {
  origin_of("!", ok);
  ask("POST /change HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "hi");
  EXPECT_EQ(asked_, "POST /change HTTP/1.1\r\nContent-Length: 6\r\nx-changed: yes\r\n\r\nhello!");
  EXPECT_EQ(got_, ok);
  EXPECT_EQ(told_->log, "POST /change;changer: added !;request;response 200;");
  EXPECT_EQ(told_->report.handling, mitm::handling::intercepted);
  EXPECT_FALSE(told_->report.failure);
}

TEST_F(session_rewriting, answers_without_the_origin_and_goes_on) {
  origin_of("\r\n\r\n", ok);
  ask("POST /answer HTTP/1.1\r\nContent-Length: 2\r\n\r\nnoGET /v1 HTTP/1.1\r\n\r\n", "hi");
  EXPECT_EQ(asked_, "GET /v1 HTTP/1.1\r\n\r\n");
  EXPECT_THAT(got_, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(got_, EndsWith(ok));
}

TEST_F(session_rewriting, ends_a_connection_whose_own_answer_was_to_be_the_last) {
  origin_of("never", "");
  ask("POST /answer HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "");
  EXPECT_THAT(got_, HasSubstr("403"));
  EXPECT_EQ(ended_, asio::error::eof);
  EXPECT_FALSE(told_->report.failure);
}

TEST_F(session_rewriting, that_holds_a_request_too_long_ends_by_the_limit_request_stall) {
  bounds_.request_stall = std::chrono::milliseconds(200);
  origin_of("never", "");
  ask("POST /change HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel", "");
  ASSERT_TRUE(told_->report.failure);
  EXPECT_EQ(told_->report.failure->code, asio::error::timed_out);
  EXPECT_EQ(told_->report.failure->side, net::failure::side_of::downstream);
}

TEST_F(session_rewriting, passes_a_body_over_the_limit_rewrite_body) {
  bounds_.rewrite_body = 1000;
  origin_of("END", ok);
  const std::string body = std::string(200'000, 'a') + "END";
  ask("POST /change HTTP/1.1\r\nContent-Length: 200003\r\n\r\n" + body, "hi");
  EXPECT_THAT(asked_, EndsWith("\r\n\r\n" + body));
  EXPECT_THAT(told_->log, HasSubstr("limits.rewrite_body"));
}

TEST_F(session_rewriting, goes_on_with_the_messages_of_a_websocket_until_the_limit_tunnel_idle) {
  using clock = std::chrono::steady_clock;
  using support::websocket::text;
  constexpr auto from_client = support::websocket::from_client({});
  bounds_.tunnel_idle = std::chrono::seconds(2);
  const std::string ping = support::websocket::ping("still here", from_client);
  const std::string changed = "\x81\x87";  // a whole text of 7 bytes, masked
  origin([&, this](net::tls_stream& client) -> asio::awaitable<void> {
    asked_ += co_await test::read_until(client, "\r\n\r\n");
    co_await net::write_all(client, std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"));
    asked_ += co_await test::read_until(client, ping);
    co_await test::read_to_end(client);
  });
  clock::duration silent{};
  connection(tls_client("api.watched.test", [&, this](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, std::string("GET /socket HTTP/1.1\r\nConnection: Upgrade\r\n"
                                                "Upgrade: websocket\r\n\r\n"));
    got_ = co_await test::read_until(stream, "\r\n\r\n");
    co_await net::write_all(stream, text("answer", from_client));
    got_ += co_await test::read_until(stream, text("two"));
    const auto began = clock::now();
    asio::steady_timer pause(co_await asio::this_coro::executor, std::chrono::milliseconds(500));
    co_await pause.async_wait(asio::use_awaitable);
    co_await net::write_all(stream, text("change", from_client) + ping);
    co_await test::read_to_end(stream);
    silent = clock::now() - began;
  }));
  EXPECT_THAT(got_, EndsWith("\r\n\r\n" + text("one") + text("two")));
  EXPECT_THAT(asked_, HasSubstr("\r\n\r\n" + changed)) << "its mask is another each time";
  EXPECT_EQ(asked_.size(), asked_.find("\r\n\r\n") + 4 + text("change!", from_client).size() + ping.size());
  EXPECT_GE(silent, std::chrono::milliseconds(2500)) << "a ping is a sign of life";
  EXPECT_FALSE(told_->report.failure) << "nobody owed anything";
}

TEST_F(session_rewriting, begins_with_the_next_connection_once_new_rules_concern_the_host) {
  script_.concerned = false;
  origin([this](net::tls_stream& client) -> asio::awaitable<void> {
    asked_ = co_await test::read_until(client, "hello");
    // While the exchange is open the connection stays.
    script_.concerned = true;
    script_.changed.request_stop();
    co_await net::write_all(client, ok);
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", [this](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, "POST /change HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    got_ = co_await test::read_to_end(stream, &ended_);
  }));
  EXPECT_THAT(asked_, EndsWith("\r\n\r\nhello")) << "begun under the old rules";
  EXPECT_EQ(got_, ok);
  EXPECT_EQ(ended_, asio::error::eof);
  EXPECT_FALSE(told_->report.failure);
}

TEST_F(session_rewriting, stays_when_new_rules_do_not_concern_the_host) {
  script_.concerned = false;
  origin([this](net::tls_stream& client) -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      co_await test::read_until(client, "\r\n\r\n");
      script_.changed.request_stop();
      co_await net::write_all(client, ok);
    }
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", [this](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      co_await net::write_all(stream, "GET /v1 HTTP/1.1\r\n\r\n");
      got_ += co_await test::read_until(stream, "hi");
    }
    stream.shutdown_send();
    co_await test::read_to_end(stream);
  }));
  EXPECT_EQ(got_, ok + ok);
}

}  // namespace
