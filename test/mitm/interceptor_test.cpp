#include "mitm/interceptor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "test/mitm/session_fixture.hpp"
#include "test/support/run.hpp"
#include "test/support/until.hpp"

namespace {

namespace asio = boost::asio;
using net::tcp;

/// An interceptor all of whose clients are one program's, and their origin.
class interceptor : public test::session_fixture {
 protected:
  ~interceptor() override { origin_.reset(); }  // before what it counts in

  void start(bool reuse_upstream) {
    origin([this](net::tls_stream& client) { return serve(client); });
    events_.program = {1000, "/usr/bin/agent"};
    running_ = std::make_unique<mitm::interceptor>(
        pool_,
        mitm::interceptor::parts{bounds_, bypassed_, leaves_, upstream_, events_, nullptr,
                                 [this](tcp::socket&) { return net::result<tcp::endpoint>(destination_); },
                                 reuse_upstream},
        policy_);
    at_ = running_->listen({asio::ip::address_v4::loopback(), 0});
  }

  asio::awaitable<void> serve(net::tls_stream& client) {
    ++accepted_;
    boost::system::error_code end;
    for (;;) {
      co_await test::read_until(client, "\r\n\r\n", &end);
      if (end) break;
      co_await net::write_all(client, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    }
    if (end == asio::error::eof) ++ended_well_;
  }

  void visit() {
    tcp::socket socket(pool_.strand());
    socket.connect(at_);
    auto talk = tls_client("api.watched.test", [](net::tls_stream& stream, auto) -> asio::awaitable<void> {
      co_await net::write_all(stream, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_NE(co_await test::read_until(stream, "hello"), "");
      stream.shutdown_send();
      co_await test::read_to_end(stream);
    });
    test::run(pool_, talk(std::move(socket)));
    test::until([this] { return running_->open_connections() == 0; });
  }

  void drain() { EXPECT_EQ(test::run(pool_, running_->drain()), 0u); }

  std::atomic<int> accepted_ = 0;
  std::atomic<int> ended_well_ = 0;
  test::told events_;
  std::unique_ptr<mitm::interceptor> running_;
  tcp::endpoint at_;
};

TEST_F(interceptor, keeps_upstreams_for_later_clients_until_it_drains) {
  start(true);
  visit();
  visit();
  EXPECT_EQ(accepted_, 1);
  EXPECT_EQ(ended_well_, 0);
  drain();
  test::until([this] { return ended_well_ == 1; });
}

TEST_F(interceptor, keeps_no_upstreams_when_that_is_switched_off) {
  start(false);
  visit();
  visit();
  EXPECT_EQ(accepted_, 2);
  drain();
}

/// Keeps nothing: several sessions end at once.
struct forgetful final : mitm::connection_events {
  struct observer final : mitm::connection_observer {
    std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head&) override { return nullptr; }
  };
  std::unique_ptr<mitm::connection_observer> on_intercepted(const mitm::connection_facts&) override {
    return std::make_unique<observer>();
  }
  void on_detached(const mitm::connection_facts&, std::string_view) override {}
  void on_unread(const mitm::connection_facts&, mitm::unread) override {}
  void on_rejected(const rejection&) override {}
  void on_session_end(const mitm::session_report& ended) override {
    ++ended_;
    if (ended.failure && ended.failure->code == net::errc::came_back) ++came_back_;
  }

  std::atomic<int> ended_ = 0;
  std::atomic<int> came_back_ = 0;
};

TEST_F(interceptor, its_own_connection_that_comes_back_goes_no_further_and_the_client_is_told) {
  forgetful events;
  tcp::endpoint at;
  mitm::interceptor looping(pool_,
                            mitm::interceptor::parts{bounds_, bypassed_, leaves_, upstream_, events, nullptr,
                                                     [&at](tcp::socket&) { return net::result<tcp::endpoint>(at); }},
                            policy_);
  at = looping.listen({asio::ip::address_v4::loopback(), 0});
  EXPECT_FALSE(looping.own().any_came_back());
  tcp::socket socket(pool_.strand());
  socket.connect(at);
  std::string answer;
  test::run(pool_, tls_client("api.watched.test", [&answer](net::tls_stream& stream, auto) -> asio::awaitable<void> {
              co_await net::write_all(stream, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
              answer = co_await test::read_to_end(stream);
            })(std::move(socket)));
  test::until([&] { return looping.open_connections() == 0; });
  EXPECT_NE(answer.find("came back to it"), std::string::npos) << answer;
  EXPECT_TRUE(looping.own().any_came_back());
  EXPECT_EQ(events.ended_, 2);
  EXPECT_EQ(events.came_back_, 2) << "the one that came back, and the one that made it";
  EXPECT_EQ(test::run(pool_, looping.drain()), 0u);
}

}  // namespace
