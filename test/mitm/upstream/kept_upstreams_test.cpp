#include "mitm/upstream/kept_upstreams.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "mitm/upstream/upstream.hpp"
#include "test/support/run.hpp"
#include "test/support/tls_origin.hpp"
#include "test/support/until.hpp"

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using key = mitm::kept_upstreams::key;
using found = std::optional<net::tls_stream>;

std::atomic<int> tickets;

class kept_upstreams : public testing::Test {
 protected:
  kept_upstreams() {
    tickets = 0;
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL*, SSL_SESSION*) {
      ++tickets;
      return 0;
    });
  }
  ~kept_upstreams() override { test::run(pool_, store_.stop()); }

  /// The origin answers each word with the number of the connection.
  asio::awaitable<void> serve(net::tls_stream& client) {
    const int number = accepted_ + 1;
    newest_ = &client;
    accepted_ = number;
    boost::system::error_code end;
    for (;;) {
      const std::string word = co_await test::read_until(client, "\n", &end);
      if (end) break;
      co_await net::write_all(client, std::to_string(number) + " " + word);
    }
    (end == asio::error::eof ? ended_well_ : cut_) += 1;
  }

  static asio::awaitable<found> connect(kept_upstreams& self) {
    net::tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(self.origin_.endpoint(), asio::use_awaitable);
    net::tls_stream stream(std::move(socket), self.context_.get(), net::tls_stream::role::client);
    mitm::prepare_upstream(stream, "origin.test", {});
    const auto shaken = co_await stream.handshake();
    EXPECT_FALSE(shaken.has_error());
    co_return std::optional(std::move(stream));
  }

  using deed = asio::awaitable<void> (*)(net::tls_stream&);

  /// At the origin's end of the newest connection.
  void origin_does(deed what) {
    asio::co_spawn(newest_->socket().get_executor(), what(*newest_), asio::use_future).get();
  }

  /// Connects, lets the origin do something, and gives the connection away.
  void keep(std::chrono::milliseconds wait = 1h, deed first = nullptr) {
    const int number = accepted_ + 1;
    auto stream = test::run(pool_, connect(*this));
    test::until([&] { return accepted_ == number; });
    if (first != nullptr) origin_does(first);
    test::run(pool_, store_.keep(like_, std::move(*stream), net::after(wait)));
  }

  /// What the origin of the connection that is taken says to a word; empty if there is none.
  std::string take_and_say(const std::string& word) { return take_and_say(like_, word); }
  std::string take_and_say(key which, const std::string& word) {
    return test::run(pool_, [](kept_upstreams& self, key wanted, std::string line) -> asio::awaitable<std::string> {
      auto taken = co_await self.store_.take(std::move(wanted));
      if (!taken) co_return "";
      EXPECT_EQ(taken->socket().get_executor(), co_await asio::this_coro::executor);
      co_await net::write_all(*taken, line);
      co_return co_await test::read_until(*taken, "\n");
    }(*this, std::move(which), word + "\n"));
  }

  /// On the store's own strand: its loop is busy meanwhile, so that the watch cannot hear of the end first.
  asio::awaitable<bool> take_after_the_newest_ended() {
    origin_does([](net::tls_stream& client) -> asio::awaitable<void> {
      client.shutdown_send();
      co_return;
    });
    EXPECT_EQ(store_.size(), 2u);
    auto taken = co_await store_.take(like_);
    if (!taken) co_return false;
    co_await net::write_all(*taken, "a\n");
    co_return co_await test::read_until(*taken, "\n") == "1 a\n";
  }

  net::worker_pool pool_{2};
  net::worker_pool stores_{1};
  asio::any_io_executor strand_ = stores_.strand();
  test::temp_dir dir_;
  test::test_authority theirs_{dir_ / "origin", {"origin.test"}};
  net::ssl_context_ptr context_ = mitm::make_upstream_context({theirs_.file(), ""}).value();
  net::tls_stream* newest_ = nullptr;  // at the origin's end; set before accepted_
  std::atomic<int> accepted_ = 0;
  std::atomic<int> ended_well_ = 0;
  std::atomic<int> cut_ = 0;
  test::tls_origin origin_{pool_, theirs_.context({"origin.test"}), [this](auto& client) { return serve(client); }};
  mitm::kept_upstreams store_{strand_, 2};
  key like_{{1000, "/usr/bin/agent"}, origin_.endpoint(), "origin.test", {"http/1.1"}, {}};
};

TEST_F(kept_upstreams, hand_out_the_last_one_first_and_each_once) {
  keep();
  keep();
  EXPECT_EQ(store_.size(), 2u);
  EXPECT_EQ(take_and_say("a"), "2 a\n");
  EXPECT_EQ(take_and_say("b"), "1 b\n");
  EXPECT_EQ(take_and_say("c"), "");
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(kept_upstreams, hand_out_none_to_another_program_or_for_another_origin) {
  keep();
  auto other = like_;
  other.program.user = 0;
  EXPECT_EQ(take_and_say(other, "a"), "");
  other = like_;
  other.program.executable = "/usr/bin/browser";
  EXPECT_EQ(take_and_say(other, "a"), "");
  other = like_;
  other.terms.at_least = mitm::tls_terms::tls_1_3;
  EXPECT_EQ(take_and_say(other, "a"), "");
  other = like_;
  other.destination.port(1);
  EXPECT_EQ(take_and_say(other, "a"), "");
  other = like_;
  other.server_name = "www.origin.test";
  EXPECT_EQ(take_and_say(other, "a"), "");
  other = like_;
  other.alpn = {"h2", "http/1.1"};
  EXPECT_EQ(take_and_say(other, "a"), "");
  EXPECT_EQ(take_and_say("a"), "1 a\n");
}

TEST_F(kept_upstreams, tell_whether_one_would_do_for_any_program) {
  const auto has = [this](key which) { return test::run(pool_, store_.has_like(std::move(which))); };
  EXPECT_FALSE(has(like_));
  keep();
  EXPECT_TRUE(has(like_));
  auto other = like_;
  other.program = {};
  EXPECT_TRUE(has(other));
  other.server_name = "www.origin.test";
  EXPECT_FALSE(has(other));
}

TEST_F(kept_upstreams, are_no_more_than_their_limit_and_the_one_that_waited_longest_is_ended) {
  for (int i = 0; i < 3; ++i) keep();
  EXPECT_EQ(store_.size(), 2u);
  test::until([this] { return ended_well_ == 1; });
  EXPECT_EQ(take_and_say("a"), "3 a\n");
  EXPECT_EQ(take_and_say("b"), "2 b\n");
}

TEST_F(kept_upstreams, are_ended_when_their_time_is_over) {
  keep(200ms);
  test::until([this] { return ended_well_ == 1; });
  EXPECT_EQ(store_.size(), 0u);
  keep(0ms);
  EXPECT_EQ(take_and_say("a"), "");
}

TEST_F(kept_upstreams, are_all_ended_when_the_store_stops_which_keeps_no_more) {
  keep();
  keep();
  test::run(pool_, store_.stop());
  EXPECT_EQ(store_.size(), 0u);
  test::until([this] { return ended_well_ == 2; });
  keep();
  EXPECT_EQ(store_.size(), 0u);
  test::until([this] { return ended_well_ == 3; });
}

asio::awaitable<void> ends(net::tls_stream& client) {
  client.shutdown_send();
  co_return;
}
asio::awaitable<void> is_cut(net::tls_stream& client) {
  client.truncate();
  co_return;
}
asio::awaitable<void> speaks(net::tls_stream& client) {
  co_await net::write_all(client, "HTTP/1.1 408 Request Timeout\r\n\r\n");
}
asio::awaitable<void> sends_a_ticket(net::tls_stream& client) {
  EXPECT_EQ(SSL_new_session_ticket(client.native()), 1);
  EXPECT_EQ(SSL_do_handshake(client.native()), 1);
  co_return;
}

TEST_F(kept_upstreams, are_dropped_when_their_origin_ends_them_or_speaks) {
  for (const auto deed : {ends, is_cut, speaks}) {
    keep();
    EXPECT_EQ(store_.size(), 1u);
    origin_does(deed);
    test::until([this] { return store_.size() == 0; });
    EXPECT_EQ(take_and_say("a"), "");
  }
}

TEST_F(kept_upstreams, are_not_kept_when_their_origin_has_ended_them_or_spoken) {
  for (const auto deed : {ends, is_cut, speaks}) {
    keep(1h, deed);
    EXPECT_EQ(store_.size(), 0u);
  }
}

TEST_F(kept_upstreams, are_looked_at_once_more_when_they_are_taken) {
  keep();
  keep();
  const bool one_left = asio::co_spawn(strand_, take_after_the_newest_ended(), asio::use_future).get();
  EXPECT_TRUE(one_left) << "the one before it";
}

TEST_F(kept_upstreams, go_on_waiting_when_a_session_ticket_comes_late) {
  keep();
  const int before = tickets;
  origin_does(sends_a_ticket);
  test::until([before] { return tickets > before; });
  EXPECT_EQ(take_and_say("a"), "1 a\n");
}

}  // namespace
