#include "mitm/upstream/upstream_proxy.hpp"

#include <gmock/gmock.h>

#include <thread>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include "net/executor.hpp"
#include "test/support/run.hpp"
#include "test/support/split.hpp"

namespace {

namespace asio = boost::asio;
using net::tcp;
using testing::HasSubstr;
using testing::Not;

mitm::upstream_proxy parsed(std::string_view url) {
  auto proxy = mitm::parse_upstream_proxy(url);
  EXPECT_TRUE(proxy.has_value()) << url;
  return proxy.has_value() ? *proxy : mitm::upstream_proxy();
}

TEST(upstream_proxy, has_a_host_a_port_and_credentials) {
  EXPECT_EQ(parsed("http://proxy.example:3128").name(), "http://proxy.example:3128");
  EXPECT_EQ(parsed("proxy.example:3128/").port, 3128);
  EXPECT_EQ(parsed("HTTP://proxy.example").port, 80);
  EXPECT_EQ(parsed("http://[2001:db8::1]:8080").host, "2001:db8::1");
  EXPECT_EQ(parsed("http://[2001:db8::1]:8080").name(), "http://[2001:db8::1]:8080");
  EXPECT_EQ(parsed("http://proxy.example:1").authorization, "");
  EXPECT_EQ(parsed("http://user:p%40ss@proxy.example:1").authorization, "Basic dXNlcjpwQHNz");
  EXPECT_EQ(parsed("http://user@proxy.example:1").authorization, "Basic dXNlcjo=");
}

TEST(upstream_proxy, its_name_never_has_the_credentials) {
  EXPECT_THAT(parsed("http://user:secret@proxy.example:1").name(), Not(HasSubstr("secret")));
}

TEST(upstream_proxy, what_is_no_url_of_one_is_refused_without_repeating_it) {
  for (const char* url : {"", "http://", "http://:3128", "http://host:0", "http://host:65536", "http://host:x",
                          "http://host:1/path", "http://[2001:db8::1", "http://u:secret%4@host:1", "http://ho st:1",
                          "https://u:secret@host:1", "socks5://u:secret@host:1", "http://[::1]x:1"}) {
    const auto proxy = mitm::parse_upstream_proxy(url);
    ASSERT_TRUE(proxy.has_error()) << url;
    EXPECT_THAT(proxy.error().why, Not(HasSubstr("secret")));
  }
  EXPECT_THAT(mitm::parse_upstream_proxy("socks5://host:1").error().why, HasSubstr("only http://"));
}

bool through(const char* address, std::string_view name, bool provider = false, const char* exempt = "") {
  auto proxy = parsed("http://proxy.example:1");
  proxy.exempt = mitm::no_proxy(exempt);
  return goes_through(proxy, {{asio::ip::make_address(address), 443}, name, provider});
}

TEST(upstream_proxy, is_asked_for_what_is_elsewhere_and_not_exempt) {
  EXPECT_TRUE(through("192.0.2.1", ""));
  EXPECT_TRUE(through("192.0.2.1", "github.com"));
  EXPECT_TRUE(through("0.0.0.0", "github.com"));
  EXPECT_FALSE(through("192.0.2.1", "github.com", false, "github.com"));
  EXPECT_FALSE(through("192.0.2.1", "api.openai.com", true, "192.0.2.0/24"));
}

TEST(upstream_proxy, is_not_asked_for_what_is_on_this_machine) {
  EXPECT_FALSE(through("127.0.0.2", ""));
  EXPECT_FALSE(through("::1", "dev.example"));
  EXPECT_FALSE(through("0.0.0.0", "localhost"));
  EXPECT_FALSE(through("0.0.0.0", "app.localhost"));
  EXPECT_FALSE(through("0.0.0.0", "127.0.0.1"));
  EXPECT_FALSE(through("127.0.0.1", "", true));
  EXPECT_TRUE(through("127.0.0.2", "api.openai.com", true)) << "a provider is where its name says";
}

TEST(upstream_proxy, any_2xx_is_a_tunnel_and_anything_else_is_told) {
  EXPECT_TRUE(mitm::read_proxy_answer("HTTP/1.1 200 Connection established\r\n\r\n"));
  EXPECT_TRUE(mitm::read_proxy_answer("HTTP/1.0 204 x\r\nA: b\r\n\r\n"));
  EXPECT_EQ(mitm::read_proxy_answer("HTTP/1.1 403 Forbidden\r\n\r\n").error(), "it answered 403 Forbidden");
  EXPECT_THAT(mitm::read_proxy_answer("HTTP/1.1 407 Who\r\n\r\n").error(), HasSubstr("user:password@"));
  EXPECT_THAT(mitm::read_proxy_answer("SSH-2.0-OpenSSH\r\n\r\n").error(), HasSubstr("not answer as an HTTP proxy"));
}

/// A proxy that answers one CONNECT with `pieces`, and then says "hello" in the tunnel.
class proxied : public testing::Test {
 protected:
  ~proxied() override { pool_.stop(); }

  mitm::origin_socket connect(support::pieces answer, mitm::origin_place place, std::string user = "",
                              std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    const auto port = std::to_string(acceptor.local_endpoint().port());
    std::jthread serving([&] {
      tcp::socket client = acceptor.accept();
      client.set_option(tcp::no_delay(true));
      asio::streambuf asked;
      asio::read_until(client, asked, "\r\n\r\n");
      request_.assign(asio::buffers_begin(asked.data()), asio::buffers_end(asked.data()));
      boost::system::error_code gone;
      for (const auto piece : answer) asio::write(client, asio::buffer(piece), gone);
      kept_.push_back(std::move(client));
    });
    return test::run(pool_, mitm::connect_through(proxy_ = parsed("http://" + user + "127.0.0.1:" + port), place,
                                                  net::after(limit)));
  }

  static mitm::origin_place place() { return {{asio::ip::make_address("192.0.2.1"), 443}, "api.openai.com"}; }

  net::worker_pool pool_{1};
  asio::io_context io_;
  mitm::upstream_proxy proxy_;
  std::string request_;
  std::vector<tcp::socket> kept_;
};

TEST_F(proxied, the_name_is_asked_for_so_that_the_proxy_resolves_it) {
  EXPECT_TRUE(connect({"HTTP/1.1 200 OK\r\n\r\n"}, place()).socket);
  EXPECT_EQ(request_, "CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n");
}

TEST_F(proxied, without_a_name_the_address_is) {
  EXPECT_TRUE(connect({"HTTP/1.1 200 OK\r\n\r\n"}, {{asio::ip::make_address("2001:db8::7"), 443}, ""}).socket);
  EXPECT_THAT(request_, testing::StartsWith("CONNECT [2001:db8::7]:443 HTTP/1.1\r\n"));
}

TEST_F(proxied, a_name_that_would_change_the_request_is_not_used) {
  EXPECT_TRUE(connect({"HTTP/1.1 200 OK\r\n\r\n"}, {{asio::ip::make_address("192.0.2.1"), 443}, "a\r\nb"}).socket);
  EXPECT_THAT(request_, testing::StartsWith("CONNECT 192.0.2.1:443 HTTP/1.1\r\n"));
}

TEST_F(proxied, user_and_password_are_sent_along) {
  EXPECT_TRUE(connect({"HTTP/1.1 200 OK\r\n\r\n"}, place(), "user:secret@").socket);
  EXPECT_THAT(request_, HasSubstr("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"));
}

TEST_F(proxied, an_answer_may_come_in_pieces_and_after_interim_ones) {
  constexpr std::string_view answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nVia: x\r\n\r\n";
  for (std::size_t at = 1; at < answer.size(); at += 3) {
    EXPECT_TRUE(connect({answer.substr(0, at), answer.substr(at)}, place()).socket) << at;
  }
}

TEST_F(proxied, what_follows_the_answer_is_the_tunnels) {
  auto reached = connect({"HTTP/1.1 200 OK\r\n\r\nhello"}, place());
  ASSERT_TRUE(reached.socket);
  std::string text(5, '\0');
  asio::read(*reached.socket, asio::buffer(text));
  EXPECT_EQ(text, "hello");
}

TEST_F(proxied, a_refusal_names_the_proxy_and_what_it_answered) {
  const auto reached =
      connect({"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"}, place(), "user:secret@");
  EXPECT_FALSE(reached.socket);
  EXPECT_EQ(reached.error, net::errc::proxy_refused);
  EXPECT_THAT(reached.words, HasSubstr(proxy_.name() + ": it answered 407 Proxy Authentication Required"));
  EXPECT_THAT(reached.words, Not(HasSubstr("secret")));
}

TEST_F(proxied, a_proxy_that_says_nothing_is_given_up_in_time) {
  const auto reached = connect({}, place(), "", std::chrono::milliseconds(200));
  EXPECT_EQ(reached.error, asio::error::timed_out);
  EXPECT_THAT(reached.words, HasSubstr("did not answer"));
}

TEST_F(proxied, a_proxy_out_of_reach_is_named) {
  tcp::acceptor nobody(io_, {asio::ip::address_v4::loopback(), 0});
  proxy_ = parsed("http://127.0.0.1:" + std::to_string(nobody.local_endpoint().port()));
  nobody.close();
  const auto reached = test::run(pool_, mitm::connect_through(proxy_, place(), net::after(std::chrono::seconds(30))));
  EXPECT_EQ(reached.error, asio::error::connection_refused);
  EXPECT_THAT(reached.words, HasSubstr(proxy_.name() + " cannot be reached"));
}

}  // namespace
