#include "app/api_server.hpp"

#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

namespace app {
namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::string_view get_root = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::chrono::hours never{1};

asio::awaitable<api_response> say(std::string words) {
  co_return api_response{200, std::move(words)};
}

/// A blocking client of raw bytes.
class raw_client {
 public:
  explicit raw_client(const endpoint& server) : socket_(context_) { socket_.connect(server); }

  raw_client& send(std::string_view bytes) {
    boost::system::error_code gone;  // a server that has answered and closed already is no failure of the test
    asio::write(socket_, asio::buffer(bytes), gone);
    return *this;
  }

  raw_client& end_output() {
    socket_.shutdown(tcp::socket::shutdown_send);
    return *this;
  }

  http::response<http::string_body> answer(bool to_head = false) {
    http::response_parser<http::string_body> parser;
    parser.skip(to_head);
    parser.body_limit(boost::none);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }

  /// Everything up to the end of the connection, however it ends.
  std::string rest() {
    std::string bytes(boost::beast::buffers_to_string(buffer_.data()));
    buffer_.clear();
    boost::system::error_code end;
    asio::read(socket_, asio::dynamic_buffer(bytes), end);
    return bytes;
  }

  tcp::socket& socket() { return socket_; }

 private:
  asio::io_context context_;
  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

class api_server_test : public testing::Test {
 protected:
  api_server_test() {
    settings_.routes = {
        {"GET", "/", [](api_request) { return say("root"); }, true},
        {"GET", "/query", [](api_request request) { return say(request.query); }},
        {"POST", "/echo", [](api_request request) { return say(request.body); }},
        {"GET", "/fault",
         [](api_request) -> asio::awaitable<api_response> { throw std::runtime_error("secret reason"); }},
    };
    settings_.on_fault = [this](std::string_view id, std::string_view what) {
      std::lock_guard lock(mutex_);
      faults_.push_back(std::string(id) + ' ' + std::string(what));
    };
  }

  ~api_server_test() override {
    if (server_) drain(milliseconds(0)).get();
  }

  void start() {
    server_ = std::make_unique<api_server>(pool_, settings_);
    ASSERT_TRUE(server_->listen({{asio::ip::address_v4::loopback(), 0}}).has_value());
    address_ = server_->addresses().front();
  }

  std::future<void> drain(milliseconds limit) {
    return asio::co_spawn(pool_.strand(), server_->drain(limit), asio::use_future);
  }

  /// Polls a condition that another thread will make true.
  template <class F>
  static void eventually(F condition) {
    while (!condition()) std::this_thread::yield();
  }

  raw_client client() { return raw_client(address_); }

  std::vector<std::string> faults() {
    std::lock_guard lock(mutex_);
    return faults_;
  }

  std::mutex mutex_;
  std::vector<std::string> faults_;
  net::worker_pool pool_{2};
  api_settings settings_;
  std::unique_ptr<api_server> server_;
  endpoint address_;
};

std::string error_code_of(const http::response<http::string_body>& answer) {
  return std::string(boost::json::parse(answer.body()).at("error").at("code").as_string());
}

TEST_F(api_server_test, every_answer_carries_the_headers_that_sdks_read) {
  start();
  auto peer = client();
  for (const char* target : {"/", "/nowhere", "/fault"}) {
    const auto answer = peer.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
    EXPECT_THAT(std::string(answer["x-request-id"]), testing::MatchesRegex("req_[0-9a-f]+")) << target;
    EXPECT_FALSE(answer["openai-processing-ms"].empty()) << target;
    EXPECT_FALSE(answer["openai-version"].empty()) << target;
    EXPECT_EQ(answer[http::field::content_type], "application/json") << target;
    EXPECT_FALSE(answer[http::field::date].empty()) << target;
  }
}

TEST_F(api_server_test, head_gets_the_length_of_the_body_without_the_body) {
  start();
  auto peer = client();
  peer.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto answer = peer.answer(true);
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::content_length], "4");
  EXPECT_EQ(peer.send(get_root).answer().body(), "root");  // nothing of a body was in between
}

TEST_F(api_server_test, a_connection_is_kept_for_further_requests) {
  start();
  auto peer = client();
  const auto first = peer.send(get_root).answer();
  const auto second = peer.send("GET /query?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
  EXPECT_TRUE(first.keep_alive());
  EXPECT_EQ(second.body(), "a=b");
  EXPECT_NE(first["x-request-id"], second["x-request-id"]);
}

TEST_F(api_server_test, pipelined_requests_are_answered_in_order) {
  start();
  auto peer = client();
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += "GET /query?" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    all += "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi";
  }
  peer.send(all);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(peer.answer().body(), std::to_string(i));
    EXPECT_EQ(peer.answer().body(), "hi");
  }
}

TEST_F(api_server_test, close_and_http_1_0_end_the_connection_after_the_answer) {
  start();
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    auto peer = client();
    EXPECT_THAT(peer.send(request).rest(), testing::EndsWith("\r\n\r\nroot")) << request;
  }
}

TEST_F(api_server_test, malformed_requests_get_a_400_and_the_end) {
  start();
  for (const char* request :
       {"GARBAGE\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/3.0\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00"}) {
    auto peer = client();
    const auto answer = peer.send(request).end_output().answer();
    EXPECT_EQ(answer.result_int(), 400u) << request;
    EXPECT_EQ(error_code_of(answer), "bad_request") << request;
    EXPECT_EQ(peer.rest(), "") << request;
  }
}

TEST_F(api_server_test, a_head_over_its_limit_is_refused_with_431) {
  settings_.limits.head_size = 1024;
  start();
  auto peer = client();
  peer.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(1 << 20, 'x') + "\r\n\r\n");
  EXPECT_EQ(peer.answer().result_int(), 431u);
}

TEST_F(api_server_test, a_body_over_its_limit_is_refused_with_413_however_it_is_framed) {
  settings_.limits.body_size = 1024;
  start();
  const std::string start_line = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  const std::string body(2000, 'x');
  for (const auto& rest : {"Content-Length: 2000\r\n\r\n" + body, "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + body}) {
    auto peer = client();
    const auto answer = peer.send(start_line + rest).answer();
    EXPECT_EQ(answer.result_int(), 413u);
    EXPECT_FALSE(answer.keep_alive());
  }
  auto peer = client();
  EXPECT_EQ(peer.send(start_line + "Content-Length: 1024\r\n\r\n" + body.substr(0, 1024)).answer().body().size(),
            1024u);
}

TEST_F(api_server_test, a_refused_request_with_a_body_ends_the_connection_and_one_without_does_not) {
  start();
  auto kept = client();
  EXPECT_EQ(error_code_of(kept.send("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n").answer()), "unknown_url");
  EXPECT_EQ(kept.send(get_root).answer().body(), "root");
  auto closed = client();
  closed.send("POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n").send(get_root);
  EXPECT_EQ(error_code_of(closed.answer()), "unknown_url");
  EXPECT_EQ(closed.end_output().rest(), "");
}

TEST_F(api_server_test, a_slow_head_and_a_slow_body_get_a_408) {
  settings_.limits.head = milliseconds(50);
  settings_.limits.body = milliseconds(50);
  start();
  for (const char* request : {"GET / HT", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhal"}) {
    auto peer = client();
    const auto answer = peer.send(request).answer();
    EXPECT_EQ(answer.result_int(), 408u) << request;
    EXPECT_EQ(error_code_of(answer), "request_timeout") << request;
  }
}

TEST_F(api_server_test, an_idle_connection_is_closed_without_a_word) {
  settings_.limits.idle = milliseconds(50);
  start();
  EXPECT_EQ(client().rest(), "");
  auto peer = client();
  EXPECT_EQ(peer.send(get_root).answer().result_int(), 200u);
  EXPECT_EQ(peer.rest(), "");
}

TEST_F(api_server_test, a_client_that_does_not_take_its_answer_is_let_go) {
  settings_.limits.write = milliseconds(50);
  settings_.routes.push_back({"GET", "/large", [](api_request) { return say(std::string(32 << 20, 'x')); }});
  start();
  auto peer = client();
  peer.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  eventually([&] { return server_->connections() == 1; });
  eventually([&] { return server_->connections() == 0; });
  EXPECT_LT(peer.rest().size(), std::size_t{32} << 20);
}

TEST_F(api_server_test, a_client_that_has_ended_its_output_is_answered) {
  start();
  auto peer = client();
  EXPECT_THAT(peer.send(get_root).end_output().rest(), testing::EndsWith("\r\n\r\nroot"));
}

TEST_F(api_server_test, a_request_that_ends_in_the_middle_gets_a_400) {
  start();
  for (const char* request :
       {"GET / HTTP/1.1\r\nHos", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhal"}) {
    auto peer = client();
    EXPECT_EQ(peer.send(request).end_output().answer().result_int(), 400u) << request;
  }
}

TEST_F(api_server_test, a_client_that_resets_the_connection_harms_nobody_else) {
  start();
  for (int i = 0; i < 20; ++i) {
    auto peer = client();
    peer.send(i % 2 == 0 ? std::string_view("GET / HTT") : get_root);
    peer.socket().set_option(asio::socket_base::linger(true, 0));  // close() sends RST
    peer.socket().close();
  }
  EXPECT_EQ(client().send(get_root).answer().body(), "root");
  EXPECT_THAT(faults(), testing::IsEmpty());
}

TEST_F(api_server_test, with_a_key_only_its_bearer_is_answered_but_for_open_routes) {
  settings_.key = "a-key-of-some-length";
  start();
  auto peer = client();
  const auto ask = [&](std::string_view more, std::string_view target = "/query?x") {
    return peer.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: any.test\r\n" + std::string(more) + "\r\n")
        .answer();
  };
  EXPECT_EQ(ask("").result_int(), 401u);
  EXPECT_EQ(error_code_of(ask("Authorization: Bearer wrong\r\n")), "invalid_api_key");
  EXPECT_EQ(ask("").at(http::field::www_authenticate), "Bearer");
  EXPECT_EQ(ask("Authorization: Bearer a-key-of-some-length\r\n").body(), "x");
  EXPECT_EQ(ask("", "/").body(), "root");
}

TEST_F(api_server_test, a_foreign_host_name_is_refused_while_no_key_is_set) {
  start();
  auto peer = client();
  const auto refused = peer.send("GET / HTTP/1.1\r\nHost: attacker.test:8741\r\n\r\n").answer();
  EXPECT_EQ(refused.result_int(), 421u);
  EXPECT_EQ(error_code_of(refused), "misdirected_request");
}

TEST_F(api_server_test, a_handler_that_throws_is_a_500_whose_reason_only_the_log_learns) {
  start();
  const auto answer = client().send("GET /fault HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
  EXPECT_EQ(answer.result_int(), 500u);
  EXPECT_THAT(answer.body(), testing::Not(HasSubstr("secret")));
  EXPECT_THAT(faults(), testing::ElementsAre(std::string(answer["x-request-id"]) + " secret reason"));
}

TEST_F(api_server_test, a_client_that_waits_for_100_continue_gets_it) {
  start();
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(peer.answer().result_int(), 100u);
  EXPECT_EQ(peer.send("hi").answer().body(), "hi");
}

TEST_F(api_server_test, connections_over_the_limit_wait_until_one_ends) {
  settings_.limits.connections = 1;
  start();
  auto first = client();
  EXPECT_EQ(first.send(get_root).answer().body(), "root");
  auto second = client();
  second.send(get_root);
  second.socket().non_blocking(true);
  char byte = 0;
  boost::system::error_code error;
  EXPECT_EQ(first.send(get_root).answer().body(), "root");  // the server has had time to answer the second
  second.socket().read_some(asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, asio::error::would_block);
  second.socket().non_blocking(false);
  first.socket().close();
  EXPECT_EQ(second.answer().body(), "root");
}

TEST_F(api_server_test, a_drain_closes_idle_connections_at_once) {
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

class api_server_drain : public api_server_test {
 protected:
  api_server_drain() {
    settings_.routes.push_back({"GET", "/wait", [this](api_request) { return wait(*this); }});
  }

  static asio::awaitable<api_response> wait(api_server_drain& test) {
    asio::steady_timer timer(co_await asio::this_coro::executor, never);
    test.release_ = [&timer] { asio::post(timer.get_executor(), [&timer] { timer.cancel(); }); };
    test.begun_.set_value();
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return api_response{200, "waited"};
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
  peer.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  begun_.get_future().wait();
  drain(milliseconds(20)).get();
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

TEST_F(api_server_test, an_address_that_is_taken_is_named_and_nothing_stays_bound) {
  start();
  api_server other(pool_, settings_);
  const auto bound = other.listen({{asio::ip::address_v4::loopback(), 0}, address_});
  ASSERT_TRUE(bound.has_error());
  EXPECT_EQ(bound.error().address, address_);
  EXPECT_EQ(bound.error().code, asio::error::address_in_use);
  EXPECT_TRUE(other.addresses().empty());
}

TEST_F(api_server_test, many_clients_at_once_are_all_answered) {
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
