#include "app/http/server.hpp"

#include <filesystem>

#include <unistd.h>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>

#include "test/app/http/api_fixture.hpp"

namespace app {
namespace {

class api_serving : public api_fixture {};

TEST_F(api_serving, an_idle_connection_gives_way_to_one_over_the_limit) {
  settings_.limits.connections = 2;
  start();
  auto oldest = client();
  EXPECT_EQ(oldest.send(get_root).answer().body(), "root");
  auto used = client();
  EXPECT_EQ(used.send(get_root).answer().body(), "root");
  EXPECT_EQ(client().send(get_root).answer().body(), "root");
  // Which of the two had waited longer is for the server's threads to say.
  int served = 0;
  for (auto* each : {&oldest, &used}) {
    try {
      served += each->send(get_root).answer().body() == "root" ? 1 : 0;
    } catch (const std::exception&) {  // it has given way
    }
  }
  EXPECT_EQ(served, 1);
}

TEST_F(api_serving, a_client_that_is_slow_to_ask_gives_way_and_is_told) {
  settings_.limits.connections = 1;
  start();
  auto slow = client();
  slow.send("GET / HTTP/1.1\r\nHo");
  eventually([&] { return server_->connections() == 1; });
  EXPECT_EQ(client().send(get_root).answer().body(), "root");
  EXPECT_THAT(slow.rest(), testing::AnyOf("", testing::HasSubstr("503")));
}

TEST_F(api_serving, one_client_cannot_take_all_connections) {
  settings_.limits.peer_connections = 1;
  std::promise<void> begun;
  settings_.routes.push_back({"GET", "/wait", [&begun](api_request) -> asio::awaitable<api_response> {
                                asio::steady_timer timer(co_await asio::this_coro::executor, never);
                                begun.set_value();
                                co_await timer.async_wait(asio::use_awaitable);
                                co_return api_response{};
                              }});
  start();
  auto busy = client();
  busy.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  begun.get_future().wait();
  const auto refused = client().answer();
  EXPECT_EQ(refused.result_int(), 503u);
  EXPECT_EQ(refused["Retry-After"], "1");
}

TEST_F(api_serving, a_drain_closes_idle_connections_at_once) {
  start();
  auto fresh = client();
  auto used = client();
  EXPECT_EQ(used.send(get_root).answer().body(), "root");
  eventually([&] { return server_->connections() == 2; });
  drain(never).get();
  EXPECT_EQ(fresh.rest(), "");
  EXPECT_EQ(used.rest(), "");
  boost::system::error_code refused;
  asio::io_context context;
  tcp::socket late(context);
  late.connect(address_, refused);
  EXPECT_EQ(refused, asio::error::connection_refused);
}

class api_server_drain : public api_fixture {
 protected:
  api_server_drain() {
    settings_.routes.push_back({"GET", "/wait", [this](api_request) { return wait(*this); }});
    settings_.routes.push_back({"GET", "/endless", [this](api_request) { return endless(*this); }});
  }

  static asio::awaitable<api_response> wait(api_server_drain& test) {
    asio::steady_timer timer(co_await asio::this_coro::executor, never);
    test.release_ = [&timer] { asio::post(timer.get_executor(), [&timer] { timer.cancel(); }); };
    test.begun_.set_value();
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return api_response{200, "waited"};
  }

  /// A cancellation leaves it as an exception.
  static asio::awaitable<api_response> endless(api_server_drain& test) {
    asio::steady_timer timer(co_await asio::this_coro::executor, never);
    test.begun_.set_value();
    co_await timer.async_wait(asio::use_awaitable);
    co_return api_response{};
  }

  std::promise<void> begun_;
  std::function<void()> release_;
};

TEST_F(api_server_drain, lets_an_answer_under_way_be_given) {
  start();
  auto peer = client();
  peer.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  begun_.get_future().wait();
  auto drained = drain(never);
  EXPECT_EQ(drained.wait_for(milliseconds(20)), std::future_status::timeout);
  release_();
  const auto answer = peer.answer();
  EXPECT_EQ(answer.body(), "waited");
  EXPECT_FALSE(answer.keep_alive());
  peer.socket().close();
  drained.get();
}

TEST_F(api_server_drain, cuts_what_lasts_longer_than_its_limit) {
  start();
  auto peer = client();
  peer.send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
  begun_.get_future().wait();
  drain(milliseconds(200)).get();
  EXPECT_EQ(peer.rest(), "");
  EXPECT_THAT(faults(), testing::IsEmpty());
}

TEST_F(api_server_drain, is_shortened_by_a_cut) {
  start();
  auto peer = client();
  peer.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  begun_.get_future().wait();
  auto drained = drain(never);
  EXPECT_EQ(drained.wait_for(milliseconds(20)), std::future_status::timeout);
  server_->cut();
  drained.get();
  EXPECT_EQ(peer.rest(), "");
}

TEST_F(api_serving, a_request_that_comes_before_all_is_there_waits_for_it) {
  server_ = std::make_unique<api_server>(pool_, settings_);
  ASSERT_TRUE(server_->listen({{{asio::ip::address_v4::loopback(), 0}}}).has_value());
  address_ = server_->addresses().tcp.front();
  auto peer = client();
  peer.send(get_root);
  EXPECT_EQ(server_->connections(), 0u);
  server_->serve();
  EXPECT_EQ(peer.answer().body(), "root");
}

TEST_F(api_serving, an_address_that_is_taken_is_named_and_nothing_stays_bound) {
  start();
  api_server other(pool_, settings_);
  const auto bound = other.listen({{{asio::ip::address_v4::loopback(), 0}, address_}});
  ASSERT_TRUE(bound.has_error());
  EXPECT_EQ(bound.error().address, "127.0.0.1:" + std::to_string(address_.port()));
  EXPECT_EQ(bound.error().why, make_error_code(asio::error::address_in_use).message());
  EXPECT_TRUE(other.addresses().empty());
}

TEST_F(api_serving, a_unix_socket_is_served_in_both_versions_of_http_and_gone_with_the_server) {
  const auto path = std::filesystem::temp_directory_path() / ("zg-api-" + std::to_string(::getpid()));
  api_server local(pool_, settings_);
  ASSERT_TRUE(local.listen({{}, {path}}).has_value());
  local.serve();
  asio::io_context context;
  const auto ask = [&](std::string_view words, std::string_view expected) {
    asio::local::stream_protocol::socket client(context);
    client.connect(path.native());
    asio::write(client, asio::buffer(words));
    std::string got;
    boost::system::error_code end;
    asio::read_until(client, asio::dynamic_buffer(got), std::string(expected), end);
    return got;
  };
  // Any name may be given: none leads here but the path.
  EXPECT_THAT(ask("GET /query?a HTTP/1.1\r\nHost: any.test\r\n\r\n", "\r\n\r\na"), testing::EndsWith("\r\n\r\na"));
  EXPECT_THAT(ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", std::string("\4\0\0\0", 4)), testing::Not(testing::IsEmpty()));
  asio::co_spawn(pool_.strand(), local.drain(never), asio::use_future).get();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(api_serving, many_clients_at_once_are_all_answered) {
  settings_.limits.connections = 8;
  start();
  std::vector<std::future<int>> clients;
  for (int c = 0; c < 4; ++c) {
    clients.push_back(std::async(std::launch::async, [this] {
      int answered = 0;
      for (int i = 0; i < 10; ++i) {
        auto peer = client();
        for (int j = 0; j < 3; ++j) answered += peer.send(get_root).answer().body() == "root" ? 1 : 0;
      }
      return answered;
    }));
  }
  for (auto& one : clients) EXPECT_EQ(one.get(), 30);
}

}  // namespace
}  // namespace app
