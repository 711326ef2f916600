#include "cascade/rpc/channel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>

#include "cascade/rpc/channel_trust.hpp"
#include "test/cascade/shell_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using cascade::trust_errc;
using test::run;
using test::self_signed;

cascade::rpc_result<void> heartbeat(net::worker_pool& pool, const cascade::server_address& address,
                                    const cascade::channel_options& options = {}) {
  auto opened = cascade::channel::open(address, options);
  if (opened.has_error()) return opened.error();
  cascade::client client(std::move(*opened));
  const auto answer = run(pool, client.heartbeat());
  if (answer.has_error()) return answer.error();
  return {};
}

asio::awaitable<cascade::port_holder> held_by_server() {
  co_return cascade::port_holder{cascade::port_holder::who::server, {}};
}

asio::awaitable<cascade::port_holder> held_by_stranger() {
  co_return cascade::port_holder{cascade::port_holder::who::stranger, "held by uid 61003"};
}

class channel : public testing::Test {
 protected:
  net::worker_pool pool{1};
};

struct named {
  const char* alternative_names;
  const char* common_name;
};

class channel_to_a_certificate : public testing::TestWithParam<named> {};

TEST_P(channel_to_a_certificate, is_open_whatever_name_the_pinned_certificate_has) {
  net::worker_pool pool(1);
  test::fake_language_server server(self_signed(GetParam().alternative_names, GetParam().common_name));
  const auto alive = heartbeat(pool, server.address());
  EXPECT_TRUE(alive.has_value()) << to_string(alive.error());
}

INSTANTIATE_TEST_SUITE_P(names, channel_to_a_certificate,
                         testing::Values(named{"IP:127.0.0.1", ""}, named{"DNS:localhost", ""},
                                         named{"DNS:language-server.example,DNS:other.example", "ignored"},
                                         named{"IP:10.1.2.3", ""}, named{"IP:2001:db8::1", ""},
                                         named{"", "language server"}));

TEST_F(channel, a_server_with_another_key_than_the_pinned_one_is_refused_and_told_nothing) {
  test::fake_language_server server;
  auto address = server.address();
  address.certificate_pem = self_signed("DNS:localhost,IP:127.0.0.1").certificate_pem;
  const auto refused = heartbeat(pool, address);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, cascade::rpc_errc::unavailable);
  EXPECT_FALSE(server.heartbeat_arrived.wait_for(0ms));
}

TEST_F(channel, without_a_usable_pin_nothing_is_opened) {
  const auto code = [](std::string pem) {
    const auto opened = cascade::channel::open({"127.0.0.1:1", "token", std::move(pem)});
    return opened.has_error() ? opened.error().code : boost::system::error_code();
  };
  EXPECT_EQ(code(""), trust_errc::no_certificate);
  EXPECT_EQ(code("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), trust_errc::malformed_certificate);
  EXPECT_EQ(code(self_signed("", "").certificate_pem), trust_errc::unnamed_certificate);
}

TEST_F(channel, an_address_is_host_and_port) {
  const auto split = [](std::string_view target) {
    const auto parts = cascade::split_target(target);
    return parts.has_error() ? std::string("-") : parts->host + " " + parts->port;
  };
  EXPECT_EQ(split("127.0.0.1:42100"), "127.0.0.1 42100");
  EXPECT_EQ(split("localhost:1"), "localhost 1");
  EXPECT_EQ(split("[::1]:65535"), "::1 65535");
  for (const char* wrong : {"", ":", "host", "host:", ":1", "::1:1", "[]:1", "host:65536", "host:99999999", "host:1a",
                            "unix:/tmp/socket"}) {
    EXPECT_EQ(split(wrong), "-") << wrong;
  }
}

TEST_F(channel, every_call_carries_the_token) {
  test::fake_language_server server;
  auto address = server.address();
  EXPECT_TRUE(heartbeat(pool, address).has_value());
  address.csrf_token = "another";
  const auto refused = heartbeat(pool, address);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, cascade::rpc_errc::unauthenticated);
}

TEST_F(channel, a_proxy_of_the_environment_is_not_used) {
  test::fake_language_server server;
  ::setenv("https_proxy", "http://127.0.0.1:1", 1);
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto alive = heartbeat(pool, server.address());
  ::unsetenv("https_proxy");
  ::unsetenv("http_proxy");
  EXPECT_TRUE(alive.has_value()) << to_string(alive.error());
}

TEST_F(channel, a_server_on_loopback_is_trusted_on_first_use_by_the_certificate_it_shows) {
  test::fake_language_server server(self_signed("DNS:elsewhere.example"));
  auto address = server.address();
  const std::string shown = std::exchange(address.certificate_pem, {});
  const auto learned = run(pool, cascade::trust_on_first_use(address.target, net::after(30s), held_by_server));
  ASSERT_TRUE(learned.has_value()) << to_string(learned.error());
  EXPECT_EQ(*learned, shown);
  address.certificate_pem = *learned;
  EXPECT_TRUE(heartbeat(pool, address).has_value());

  const auto port = address.target.substr(address.target.rfind(':'));
  const auto by_name = run(pool, cascade::trust_on_first_use("localhost" + port, net::after(30s), held_by_server));
  ASSERT_TRUE(by_name.has_value());
  EXPECT_EQ(*by_name, shown);
}

TEST_F(channel, a_port_that_a_stranger_holds_is_not_even_greeted) {
  asio::io_context context;
  asio::ip::tcp::acceptor thief(context, {asio::ip::address_v4::loopback(), 0});
  const auto target = "127.0.0.1:" + std::to_string(thief.local_endpoint().port());
  const auto refused = run(pool, cascade::trust_on_first_use(target, net::after(30s), held_by_stranger));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, trust_errc::stranger);
  EXPECT_EQ(refused.error().message, "held by uid 61003");
  auto connection = thief.accept();
  char byte = 0;
  boost::system::error_code ended;
  EXPECT_EQ(connection.read_some(asio::buffer(&byte, 1), ended), 0u);
}

TEST_F(channel, a_certificate_is_not_learnt_if_a_stranger_has_taken_the_connection_meanwhile) {
  test::fake_language_server server;
  int asked = 0;
  const auto changes = [&]() -> asio::awaitable<cascade::port_holder> {
    return ++asked == 1 ? held_by_server() : held_by_stranger();
  };
  const auto refused = run(pool, cascade::trust_on_first_use(server.address().target, net::after(30s), changes));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, trust_errc::stranger);
}

TEST_F(channel, every_connection_is_to_the_holder_of_the_port_or_no_call_is_made_on_it) {
  test::fake_language_server server;
  auto address = server.address();
  address.owner.users = {::geteuid()};
  std::atomic<int> asked{0};
  std::atomic<bool> stolen{true};
  cascade::channel_options options;
  options.holder = [&](const cascade::server_address& of) {
    ++asked;
    EXPECT_EQ(of.target, address.target);
    using who = cascade::port_holder::who;
    return cascade::port_holder{stolen ? who::stranger : who::server, "held by uid 61003"};
  };
  const auto refused = heartbeat(pool, address, options);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, cascade::rpc_errc::unavailable);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("held by uid 61003"));
  EXPECT_FALSE(server.heartbeat_arrived.wait_for(0ms));
  EXPECT_GE(asked, 1);
  stolen = false;
  EXPECT_TRUE(heartbeat(pool, address, options).has_value());
}

TEST_F(channel, the_kernel_of_another_machine_is_not_asked) {
  test::fake_language_server server;
  cascade::channel_options options;
  options.holder = [](const cascade::server_address&) {
    ADD_FAILURE();
    return cascade::port_holder{};
  };
  EXPECT_TRUE(heartbeat(pool, server.address(), options).has_value());
}

TEST_F(channel, no_other_machine_is_trusted_on_first_use) {
  for (const char* target : {"192.0.2.1:443", "example.com:443", "0.0.0.0:443", "[2001:db8::1]:443",
                             "127.0.0.1.nip.io:1", "[::ffff:192.0.2.1]:443"}) {
    const auto refused = run(pool, cascade::trust_on_first_use(target, net::after(30s), held_by_server));
    ASSERT_TRUE(refused.has_error()) << target;
    EXPECT_EQ(refused.error().code, trust_errc::not_loopback) << target;
    EXPECT_THAT(refused.error().message, testing::HasSubstr("could answer in its place"));
  }
}

TEST_F(channel, trust_on_first_use_tells_that_nobody_listens) {
  asio::io_context context;
  asio::ip::tcp::acceptor closed(context, {asio::ip::address_v4::loopback(), 0});
  const auto target = "127.0.0.1:" + std::to_string(closed.local_endpoint().port());
  closed.close();
  const auto refused = run(pool, cascade::trust_on_first_use(target, net::after(30s), held_by_server));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, asio::error::connection_refused);
}

TEST_F(channel, trust_on_first_use_gives_up_on_a_server_that_never_answers) {
  asio::io_context context;
  asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  const auto target = "127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  const auto refused = run(pool, cascade::trust_on_first_use(target, net::after(200ms), held_by_server));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, asio::error::timed_out);
}

}  // namespace
