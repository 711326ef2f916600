#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/by.hpp"
#include "test/mitm/session_fixture.hpp"
#include "test/support/run.hpp"
#include "test/support/until.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace asio = boost::asio;

const std::string first_request = "GET /v1/models HTTP/1.1\r\nHost: api.watched.test\r\n\r\n";
const std::string plain_answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// Clients one after the other, and the connections that their origin saw.
class session_reuse : public test::session_fixture {
 protected:
  session_reuse() {
    kept_ = &store_;
    program_ = {1000, "/usr/bin/agent"};
    origin([this](net::tls_stream& client) { return serve(client); });
  }
  ~session_reuse() override {
    test::run(pool_, store_.stop());
    origin_.reset();  // before what it counts in
  }

  /// Answers each request by answer_.
  asio::awaitable<void> serve(net::tls_stream& client) {
    newest_ = &client;
    ++accepted_;
    boost::system::error_code end;
    for (;;) {
      const std::string asked = co_await test::read_until(client, "\r\n\r\n", &end);
      if (end) break;
      co_await net::write_all(client, answer_);
    }
    ++ended_;
  }

  /// A client that asks once, reads the answer and leaves, with close_notify or a bare FIN.
  mitm::tls_terms terms_;
  void visit(const std::string& asked = first_request, bool bare = false, std::vector<std::string> offered = {}) {
    const auto enough = answer_.substr(answer_.size() - 5);
    got_.clear();
    connection(tls_client(
        "api.watched.test",
        [=, this](net::tls_stream& stream, auto error) -> asio::awaitable<void> {
          if (error) co_return;
          co_await net::write_all(stream, asked);
          got_ = co_await test::read_until(stream, enough);
          bare ? stream.truncate() : stream.shutdown_send();
          co_await test::read_to_end(stream, &last_);
        },
        "", offered, terms_));
  }

  mitm::kept_upstreams store_{pool_.strand(), bounds_.kept_upstreams};
  std::string answer_ = plain_answer;
  std::string got_;
  boost::system::error_code last_;
  net::tls_stream* newest_ = nullptr;  // at the origin's end; set before accepted_
  std::atomic<int> accepted_ = 0;
  std::atomic<int> ended_ = 0;
};

TEST_F(session_reuse, serves_the_next_client_by_the_upstream_of_one_that_has_gone) {
  for (const bool bare : {false, true, false}) {
    visit(first_request, bare);
    EXPECT_EQ(got_, plain_answer);
    if (!bare) EXPECT_EQ(last_, asio::error::eof) << "the client is told the end as ever";
    EXPECT_FALSE(told_->report.failure);
    EXPECT_EQ(told_->log, "GET /v1/models;request;response 200;");
    EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::complete));
  }
  EXPECT_EQ(accepted_, 1);
  EXPECT_TRUE(told_->report.reused_upstream);
  EXPECT_EQ(store_.size(), 1u);
}

TEST_F(session_reuse, says_that_the_first_upstream_is_new) {
  visit();
  EXPECT_FALSE(told_->report.reused_upstream);
}

TEST_F(session_reuse, never_crosses_from_one_user_or_program_to_another) {
  visit();
  program_ = {0, "/usr/bin/agent"};
  visit();
  EXPECT_EQ(got_, plain_answer);
  EXPECT_EQ(accepted_, 2);
  program_ = {1000, "/usr/bin/browser"};
  visit();
  EXPECT_EQ(accepted_, 3);
  for (const mitm::client_program& unknown : {mitm::client_program{}, {1000, ""}, {std::nullopt, "/usr/bin/agent"}}) {
    const int before = accepted_;
    program_ = unknown;
    visit();
    visit();
    EXPECT_EQ(accepted_, before + 2) << "nobody known gets none: " << describe(unknown);
  }
  EXPECT_EQ(store_.size(), 3u) << "and leaves none";
}

TEST_F(session_reuse, ends_an_upstream_that_saw_an_upgrade_or_a_connect_whatever_came_of_it) {
  answer_ = "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 5\r\n\r\nhello";
  visit("GET /v1/responses HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(got_, answer_);
  EXPECT_EQ(store_.size(), 0u);
  visit("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
  EXPECT_EQ(store_.size(), 0u);
  EXPECT_EQ(accepted_, 2);
}

TEST_F(session_reuse, does_not_give_a_client_that_insists_on_more_an_upstream_made_for_less) {
  visit();
  terms_.at_least = mitm::tls_terms::tls_1_3;
  visit();
  EXPECT_EQ(got_, plain_answer);
  EXPECT_EQ(accepted_, 2);
}

/// The client of a kept upstream waits with its request until the origin has done something to that upstream.
class session_reuse_late : public session_reuse {
 protected:
  void visit_after(asio::awaitable<void> (*deed)(net::tls_stream&)) {
    visit();
    ASSERT_EQ(store_.size(), 1u);
    got_.clear();
    connection(tls_client("api.watched.test", [=, this](net::tls_stream& stream, auto error) -> asio::awaitable<void> {
      if (error) co_return;
      // Nothing here may block: it runs on a thread of those that it waits for.
      co_await asio::co_spawn(newest_->socket().get_executor(), deed(*newest_), asio::use_awaitable);
      asio::steady_timer pause(stream.socket().get_executor());
      while (accepted_ != 2) {
        pause.expires_after(1ms);
        co_await pause.async_wait(asio::use_awaitable);
      }
      co_await net::write_all(stream, first_request);
      got_ = co_await test::read_until(stream, "hello");
      stream.shutdown_send();
      got_ += co_await test::read_to_end(stream, &last_);
    }));
    EXPECT_EQ(got_, plain_answer) << "and no byte that nobody asked for";
    EXPECT_FALSE(told_->report.failure);
    EXPECT_FALSE(told_->report.reused_upstream);
    EXPECT_EQ(told_->detached, "");
    EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::complete));
    EXPECT_EQ(store_.size(), 1u) << "the new one";
  }
};

asio::awaitable<void> speaks_unasked(net::tls_stream& client) {
  co_await net::write_all(client, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nEVIL!");
}
asio::awaitable<void> ends_meanwhile(net::tls_stream& client) {
  client.shutdown_send();
  co_return;
}

TEST_F(session_reuse_late, drops_an_upstream_whose_origin_speaks_before_the_first_request) {
  visit_after(speaks_unasked);
}

TEST_F(session_reuse_late, drops_an_upstream_whose_origin_ends_it_before_the_first_request) {
  visit_after(ends_meanwhile);
}

TEST_F(session_reuse, keeps_upstreams_of_different_offers_of_alpn_apart) {
  visit();
  visit(first_request, false, {"http/1.1"});
  EXPECT_EQ(accepted_, 2);
}

TEST_F(session_reuse, is_off_without_a_store) {
  kept_ = nullptr;
  visit();
  visit();
  EXPECT_EQ(got_, plain_answer);
  EXPECT_EQ(accepted_, 2);
}

TEST_F(session_reuse, ends_an_upstream_that_a_side_wants_to_end) {
  visit("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(store_.size(), 0u);
  answer_ = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
  visit();
  EXPECT_EQ(store_.size(), 0u);
  EXPECT_EQ(accepted_, 2);
  EXPECT_EQ(ended_, 2) << "the relay saw both sides end";
}

TEST_F(session_reuse, ends_an_upstream_whose_answer_was_not_read_to_its_end) {
  bounds_.half_close = 200ms;
  answer_ = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello";
  visit();
  EXPECT_EQ(store_.size(), 0u);
  answer_ = plain_answer;
  visit();
  EXPECT_EQ(accepted_, 2);
}

TEST_F(session_reuse, ends_an_upstream_that_was_never_asked_anything) {
  connection(tls_client("api.watched.test", [](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    stream.shutdown_send();
    co_await test::read_to_end(stream);
  }));
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(session_reuse, ends_an_upstream_that_was_quiet_for_too_long_before_its_client_left) {
  bounds_.kept_upstream_idle = 200ms;
  connection(tls_client("api.watched.test", [](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, first_request);
    co_await test::read_until(stream, "hello");
    std::this_thread::sleep_for(210ms);
    stream.shutdown_send();
    co_await test::read_to_end(stream);
  }));
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(session_reuse, ends_upstreams_when_the_service_drains) {
  connection(tls_client("api.watched.test", [this](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, first_request);
    co_await test::read_until(stream, "hello");
    draining_.request_stop();
    co_await test::read_to_end(stream);  // the relay has heard of it
    stream.shutdown_send();
  }));
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(session_reuse, opens_a_new_upstream_where_the_origin_has_ended_the_kept_one) {
  visit();
  asio::post(newest_->socket().get_executor(), [this] { newest_->shutdown_send(); });
  test::until([this] { return store_.size() == 0; });
  visit();
  EXPECT_EQ(got_, plain_answer);
  EXPECT_EQ(accepted_, 2);
  EXPECT_FALSE(told_->report.failure);
}

TEST_F(session_reuse, gives_a_client_under_rules_an_upstream_of_its_own_and_leaves_none_of_it) {
  test::rules_for_all rules;
  visit();
  rules_ = &rules;
  visit();
  EXPECT_EQ(got_, plain_answer);
  EXPECT_FALSE(told_->report.reused_upstream);
  EXPECT_EQ(accepted_, 2);
  EXPECT_EQ(store_.size(), 1u) << "that of the client before it";
}

TEST_F(session_reuse, gives_none_to_a_client_without_a_server_name) {
  visit();
  connection(tls_client("", [this](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, first_request);
    got_ = co_await test::read_until(stream, "hello");
    stream.shutdown_send();
    co_await test::read_to_end(stream);
  }));
  EXPECT_EQ(got_, plain_answer);
  EXPECT_EQ(accepted_, 2);
  EXPECT_EQ(store_.size(), 1u);
}

}  // namespace
