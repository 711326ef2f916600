#include "app/run/connect_proxy.hpp"

#include <cstdlib>
#include <filesystem>
#include <list>

#include <gmock/gmock.h>
#include <poll.h>
#include <boost/asio/write.hpp>

#include "app/run/interception.hpp"
#include "app/run/run_config.hpp"
#include "mitm/upstream/upstream_proxy.hpp"

namespace app::run {
namespace {

TEST(connect_proxy, the_target_is_a_host_and_a_port) {
  const auto target = parse_connect("CONNECT api.openai.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "api.openai.com");
  EXPECT_EQ(target->port, 443);
}

TEST(connect_proxy, an_ipv6_address_loses_its_brackets) {
  const auto target = parse_connect("CONNECT [fd00::2]:8443 HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "fd00::2");
  EXPECT_EQ(target->port, 8443);
}

TEST(connect_proxy, anything_else_is_refused) {
  for (const auto* head : {"GET http://x/ HTTP/1.1\r\n\r\n", "CONNECT api.openai.com HTTP/1.1\r\n\r\n",
                           "CONNECT :443 HTTP/1.1", "CONNECT host: HTTP/1.1", "CONNECT host:https HTTP/1.1",
                           "CONNECT host:65536 HTTP/1.1", "CONNECT host:0 HTTP/1.1", "", "CONNECT "}) {
    EXPECT_FALSE(parse_connect(head)) << head;
  }
}

using net::tcp;
using std::chrono::milliseconds;

constexpr milliseconds quiet{200};         // for what must not come
constexpr milliseconds long_time{30'000};  // for what must

class connect_proxy_test : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "zg-proxy.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    clients_.clear();
    if (traffic_) traffic_->finish();
    traffic_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start(const run_limits& bounds) {
    config values;
    values.state_dir = folder_;
    values.mitm.bundle_file = folder_ / "bundle.pem";
    values.ledger.file = folder_ / "usage.db";
    values.run = bounds;
    auto started = interception::start(values_for_run(values), {.on_spent = [](std::int64_t) {}});
    ASSERT_TRUE(started) << started.error().message;
    traffic_ = std::move(*started);
    const auto url = traffic_->serve_proxy();
    ASSERT_TRUE(url.has_value());
    EXPECT_TRUE(is_proxy_of_run(*url));
    const auto proxy = mitm::parse_upstream_proxy(*url);
    ASSERT_TRUE(proxy.has_value());
    proxy_ = {asio::ip::address_v4::loopback(), proxy->port};
    secret_ = "Proxy-Authorization: " + proxy->authorization + "\r\n";
  }

  tcp::socket& client(std::string_view says) {
    auto& made = clients_.emplace_back(io_);
    made.connect(proxy_);
    asio::write(made, asio::buffer(says));
    return made;
  }

  /// What it is answered within `limit`; "end" if it is closed, empty: nothing.
  static std::string answered(tcp::socket& socket, milliseconds limit) {
    pollfd ready{socket.native_handle(), POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(limit.count())) != 1) return {};
    std::string text(512, '\0');
    boost::system::error_code error;
    text.resize(socket.read_some(asio::buffer(text), error));
    return error ? "end" : text;
  }

  std::string wrong() const { return "GET / HTTP/1.1\r\n" + secret_ + "\r\n"; }

  std::filesystem::path folder_;
  std::string secret_;
  std::unique_ptr<interception> traffic_;
  asio::io_context io_;
  tcp::endpoint proxy_;
  std::list<tcp::socket> clients_;
};

TEST_F(connect_proxy_test, who_does_not_know_the_secret_is_refused) {
  start({});
  for (const std::string field : {"", "Proxy-Authorization: Basic eA==\r\n", "Authorization: x\r\n"}) {
    EXPECT_THAT(answered(client("CONNECT 127.0.0.1:1 HTTP/1.1\r\n" + field + "\r\n"), long_time),
                testing::StartsWith("HTTP/1.1 407"));
  }
  auto cut = secret_;
  cut.erase(cut.size() - 4, 2);
  EXPECT_THAT(answered(client("CONNECT 127.0.0.1:1 HTTP/1.1\r\n" + cut + "\r\n"), long_time),
              testing::StartsWith("HTTP/1.1 407"));
  EXPECT_THAT(answered(client("CONNECT 127.0.0.1:1 HTTP/1.1\r\n" + secret_ + "\r\n"), long_time),
              testing::StartsWith("HTTP/1.1 200"));
}

TEST_F(connect_proxy_test, says_who_it_is_to_a_run_within_the_run) {
  start({});
  EXPECT_THAT(answered(client("OPTIONS * HTTP/1.1\r\n" + secret_ + "\r\n"), long_time),
              testing::HasSubstr(std::string(proxy_signature)));
  EXPECT_THAT(answered(client("OPTIONS * HTTP/1.1\r\n\r\n"), long_time), testing::StartsWith("HTTP/1.1 407"));
}

TEST_F(connect_proxy_test, a_request_that_is_too_long_is_not_waited_for) {
  start({.proxy_head = long_time * 10, .proxy_head_size = 256});
  EXPECT_EQ(answered(client("CONNECT a:1 HTTP/1.1\r\nX: " + std::string(300, 'x')), long_time), "end");
  EXPECT_EQ(answered(client("CONNECT a:1 HTTP/1.1\r\nX: " + std::string(300, 'x') + "\r\n\r\n"), long_time), "end");
  EXPECT_EQ(answered(client("CONNECT a:1 HTTP/1.1\r\nX: " + std::string(100, 'x')), quiet), "");
}

TEST_F(connect_proxy_test, a_client_that_says_nothing_is_given_up_in_time) {
  start({.proxy_head = milliseconds(200)});
  EXPECT_EQ(answered(client(""), long_time), "end");
}

TEST_F(connect_proxy_test, beyond_the_limit_a_request_waits_until_another_is_answered) {
  start({.proxy_head = long_time * 10, .proxy_requests = 1});
  auto& silent = client("");
  auto& waiting = client(wrong());
  EXPECT_EQ(answered(waiting, quiet), "");
  silent.close();
  EXPECT_THAT(answered(waiting, long_time), testing::StartsWith("HTTP/1.1 405"));
}

TEST_F(connect_proxy_test, within_the_limit_requests_do_not_wait_for_each_other) {
  start({.proxy_head = long_time * 10, .proxy_requests = 2});
  client("");
  EXPECT_THAT(answered(client(wrong()), long_time), testing::StartsWith("HTTP/1.1 405"));
}

}  // namespace
}  // namespace app::run
