#include "mitm/any_port.hpp"

#include <gmock/gmock.h>

#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "mitm/upstream/alpn_hooks.hpp"
#include "mitm/upstream/upstream.hpp"
#include "net/by.hpp"
#include "test/support/tls_origin.hpp"

namespace {

using net::tcp;
namespace asio = boost::asio;

struct told final : mitm::connection_events {
  struct observer final : mitm::connection_observer {
    std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head&) override { return nullptr; }
  };
  std::unique_ptr<mitm::connection_observer> on_intercepted(const mitm::connection_facts&) override {
    return std::make_unique<observer>();
  }
  void on_detached(const mitm::connection_facts&, std::string_view) override {}
  void on_unread(const mitm::connection_facts&, mitm::unread) override {}
  void on_rejected(const rejection&) override {}
  void on_session_end(const mitm::session_report& ended) override { report = ended; }

  mitm::session_report report;
};

/// A client's or an origin's part of one exchange in TLS; what it heard.
std::string talk_tls(tcp::socket& over, SSL_CTX* context, int (*shake)(SSL*), std::string_view said) {
  const net::ssl_ptr tls(SSL_new(context));
  SSL_set_fd(tls.get(), over.native_handle());
  SSL_set_tlsext_host_name(tls.get(), "api.watched.test");
  EXPECT_EQ(shake(tls.get()), 1);
  char heard[64] = {};
  if (shake == SSL_connect) EXPECT_GT(SSL_write(tls.get(), said.data(), static_cast<int>(said.size())), 0);
  const int got = SSL_read(tls.get(), heard, sizeof heard);
  if (shake == SSL_accept) EXPECT_GT(SSL_write(tls.get(), said.data(), static_cast<int>(said.size())), 0);
  SSL_shutdown(tls.get());
  return std::string(heard, static_cast<std::size_t>(std::max(got, 0)));
}

class any_port : public testing::Test {
 protected:
  any_port()
      : ours_(dir_ / "ca", {"watched.test"}),
        policy_(std::make_shared<const mitm::intercept_policy>(
            *mitm::intercept_policy::make(std::vector<std::string>{"*.watched.test"}))),
        leaves_(pool_.strand(), ours_.mint(), {.configure = mitm::install_alpn}),
        upstream_(mitm::make_upstream_context({"", ours_.file()}).value()),
        resumable_(upstream_.get()),
        bypassed_(bounds_) {}
  ~any_port() override { pool_.stop(); }

  /// A connection through serve_any_port(): `client` talks at one end, `origin` at the other.
  template <class Client, class Origin>
  void connection(Client client, Origin origin) {
    tcp::acceptor front(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
    tcp::acceptor back(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
    tcp::socket ours(pool_.strand());
    ours.connect(front.local_endpoint());
    auto strand = pool_.strand();
    tcp::socket theirs = front.accept(strand);
    auto served = asio::co_spawn(
        strand,
        mitm::serve_any_port({bounds_, bypassed_, leaves_, upstream_.get(), resumable_, told_, draining_.get_token()},
                             policy_, std::move(theirs), back.local_endpoint()),
        asio::use_future);
    std::jthread answering([&] { origin(back.accept()); });
    client(std::move(ours));
    served.get();
  }

  static std::string read(tcp::socket& from, std::size_t count) {
    std::string text(count, '\0');
    asio::read(from, asio::buffer(text));
    return text;
  }
  static void write(tcp::socket& to, std::string_view text) { asio::write(to, asio::buffer(text)); }

  net::worker_pool pool_{1};
  test::temp_dir dir_;
  test::test_authority ours_;
  std::shared_ptr<const mitm::intercept_policy> policy_;
  mitm::limits bounds_;
  mitm::certificate_cache leaves_;
  net::ssl_context_ptr upstream_;
  mitm::upstream_sessions resumable_;
  mitm::bypass_list bypassed_;
  std::stop_source draining_;
  told told_;
};

TEST_F(any_port, a_server_that_speaks_first_is_heard_before_the_client_has_said_anything) {
  connection(
      [](tcp::socket client) {
        EXPECT_EQ(read(client, 4), "220 ");
        write(client, "HELO");
        EXPECT_EQ(read(client, 2), "OK");
      },
      [](tcp::socket origin) {
        write(origin, "220 ");
        EXPECT_EQ(read(origin, 4), "HELO");
        write(origin, "OK");
      });
  EXPECT_EQ(told_.report.handling, mitm::handling::spliced);
  EXPECT_EQ(told_.report.bytes_up, 4u);
  EXPECT_EQ(told_.report.bytes_down, 6u);
  EXPECT_FALSE(told_.report.failure);
}

TEST_F(any_port, a_client_that_speaks_no_tls_is_passed_through) {
  connection(
      [](tcp::socket client) {
        write(client, "GET / HTTP/1.1\r\n\r\n");
        EXPECT_EQ(read(client, 2), "OK");
      },
      [](tcp::socket origin) {
        EXPECT_EQ(read(origin, 18), "GET / HTTP/1.1\r\n\r\n");
        write(origin, "OK");
      });
  EXPECT_EQ(told_.report.handling, mitm::handling::spliced);
}

TEST_F(any_port, the_tls_of_a_watched_host_is_intercepted_on_the_connection_that_was_made_to_look) {
  const auto of_origin = ours_.context({"api.watched.test"});
  std::string answer, request;
  connection(
      [&](tcp::socket client) { answer = talk_tls(client, upstream_.get(), SSL_connect, "GET / HTTP/1.1\r\n\r\n"); },
      [&](tcp::socket origin) {
        request = talk_tls(origin, of_origin.get(), SSL_accept, "HTTP/1.1 204 No Content\r\n\r\n");
      });
  EXPECT_EQ(request, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(answer, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(told_.report.handling, mitm::handling::intercepted);
}

constexpr std::string_view connect = "CONNECT api.watched.test:443 HTTP/1.1\r\nProxy-Authorization: Basic eA==\r\n\r\n";
constexpr std::string_view agreed = "HTTP/1.1 200 OK\r\n\r\n";

TEST_F(any_port, what_a_client_asks_its_own_proxy_for_is_intercepted_in_the_tunnel) {
  const auto of_origin = ours_.context({"api.watched.test"});
  std::string answer, request;
  connection(
      [&](tcp::socket client) {
        write(client, connect);
        EXPECT_EQ(read(client, agreed.size()), agreed);
        answer = talk_tls(client, upstream_.get(), SSL_connect, "GET / HTTP/1.1\r\n\r\n");
      },
      [&](tcp::socket proxy) {
        EXPECT_EQ(read(proxy, connect.size()), connect);
        write(proxy, agreed);
        request = talk_tls(proxy, of_origin.get(), SSL_accept, "HTTP/1.1 204 No Content\r\n\r\n");
      });
  EXPECT_EQ(request, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(answer, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(told_.report.handling, mitm::handling::intercepted);
}

TEST_F(any_port, a_proxy_that_asks_for_a_password_first_is_followed_to_the_second_request) {
  constexpr std::string_view refused = "HTTP/1.1 407 Who are you\r\nContent-Length: 5\r\n\r\nwhat?";
  const auto of_origin = ours_.context({"api.watched.test"});
  connection(
      [&](tcp::socket client) {
        write(client, connect);
        EXPECT_EQ(read(client, refused.size()), refused);
        write(client, connect);
        EXPECT_EQ(read(client, agreed.size()), agreed);
        talk_tls(client, upstream_.get(), SSL_connect, "GET / HTTP/1.1\r\n\r\n");
      },
      [&](tcp::socket proxy) {
        EXPECT_EQ(read(proxy, connect.size()), connect);
        write(proxy, refused);
        EXPECT_EQ(read(proxy, connect.size()), connect);
        write(proxy, agreed);
        talk_tls(proxy, of_origin.get(), SSL_accept, "HTTP/1.1 204 No Content\r\n\r\n");
      });
  EXPECT_EQ(told_.report.handling, mitm::handling::intercepted);
}

TEST_F(any_port, a_tunnel_to_something_else_is_passed_through) {
  connection(
      [&](tcp::socket client) {
        write(client, connect);
        EXPECT_EQ(read(client, agreed.size()), agreed);
        EXPECT_EQ(read(client, 4), "SSH-");
        write(client, "SSH+");
      },
      [&](tcp::socket proxy) {
        EXPECT_EQ(read(proxy, connect.size()), connect);
        write(proxy, agreed);
        write(proxy, "SSH-");
        EXPECT_EQ(read(proxy, 4), "SSH+");
      });
  EXPECT_EQ(told_.report.handling, mitm::handling::spliced);
  EXPECT_EQ(told_.report.bytes_up, connect.size() + 4);
  EXPECT_EQ(told_.report.bytes_down, agreed.size() + 4);
}

TEST_F(any_port, an_origin_out_of_reach_resets_the_client) {
  tcp::acceptor front(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
  tcp::acceptor nobody(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
  const auto closed = nobody.local_endpoint();
  nobody.close();
  tcp::socket ours(pool_.strand());
  ours.connect(front.local_endpoint());
  auto strand = pool_.strand();
  asio::co_spawn(
      strand,
      mitm::serve_any_port({bounds_, bypassed_, leaves_, upstream_.get(), resumable_, told_, draining_.get_token()},
                           policy_, front.accept(strand), closed),
      asio::use_future)
      .get();
  char byte = 0;
  boost::system::error_code error;
  ours.read_some(asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, asio::error::connection_reset);
  ASSERT_TRUE(told_.report.failure);
  EXPECT_EQ(told_.report.failure->code, asio::error::connection_refused);
}

}  // namespace
