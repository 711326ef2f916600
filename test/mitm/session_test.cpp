#include "mitm/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <array>
#include <boost/asio/steady_timer.hpp>

#include "net/by.hpp"
#include "test/mitm/session_fixture.hpp"
#include "test/support/tls_alert.hpp"

namespace {

using namespace std::chrono_literals;
using net::tcp;
using testing::HasSubstr;
using testing::StartsWith;
namespace asio = boost::asio;

constexpr auto request = "GET /v1/models HTTP/1.1\r\nHost: api.watched.test\r\n\r\n";
constexpr auto answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-Odd:  kept \r\n\r\nhello";

/// As it is, and with rules that concern the host and want no request: nobody may notice the difference.
class session : public test::session_fixture, public testing::WithParamInterface<bool> {
 protected:
  session() {
    if (GetParam()) rules_ = &indifferent_;
  }

 private:
  test::rules_for_all indifferent_;
};

INSTANTIATE_TEST_SUITE_P(, session, testing::Bool(),
                         [](const auto& with_rules) { return with_rules.param ? "with_rules" : "as_it_is"; });

asio::awaitable<void> one_answer(net::tls_stream& client) {
  co_await test::read_until(client, "\r\n\r\n");
  co_await net::write_all(client, answer);
  client.shutdown_send();
  co_await test::read_to_end(client);
}

std::string got;
boost::system::error_code ended;

asio::awaitable<void> ask(net::tls_stream& stream, boost::system::error_code error) {
  got.clear();
  ended = error;
  if (error) co_return;
  co_await net::write_all(stream, request);
  got = co_await test::read_to_end(stream, &ended);
}

TEST_P(session, of_a_watched_host_passes_bytes_unchanged_and_shows_the_exchange) {
  std::string asked;
  origin([&asked](net::tls_stream& client) -> asio::awaitable<void> {
    asked = co_await test::read_until(client, "\r\n\r\n");
    co_await net::write_all(client, answer);
    client.shutdown_send();
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", ask));
  EXPECT_EQ(asked, request);
  EXPECT_EQ(got, answer);
  EXPECT_EQ(ended, asio::error::eof);
  EXPECT_EQ(told_->log, "GET /v1/models;request;response 200;");
  EXPECT_EQ(told_->body, "hello");
  EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::complete));
  EXPECT_EQ(told_->report.handling, mitm::handling::intercepted);
  EXPECT_FALSE(told_->report.failure) << told_->report.failure->code.message();
  EXPECT_EQ(told_->report.bytes_down, std::string_view(answer).size());
}

TEST_P(session, of_another_host_is_spliced_and_the_client_sees_the_origins_own_certificate) {
  origin(one_answer, {"www.other.test"});
  connection(tls_client("www.other.test", ask, theirs_.file()));
  EXPECT_EQ(got, answer);
  EXPECT_EQ(told_->report.handling, mitm::handling::spliced);
  EXPECT_EQ(told_->report.not_read, std::nullopt);
  EXPECT_EQ(told_->log, "");
}

TEST_P(session, of_a_providers_host_that_is_not_listed_is_spliced_and_told_as_not_read) {
  origin(one_answer, {"api.mistral.ai"});
  connection(tls_client("api.mistral.ai", ask, theirs_.file()));
  EXPECT_EQ(got, answer);
  EXPECT_EQ(told_->report.handling, mitm::handling::spliced);
  EXPECT_EQ(told_->unread, mitm::unread::not_listed);
  EXPECT_EQ(told_->report.not_read, mitm::unread::not_listed);
  EXPECT_GT(told_->report.bytes_down, std::string_view(answer).size());
}

TEST_P(session, that_is_not_tls_is_spliced) {
  tcp::acceptor acceptor(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
  destination_ = acceptor.local_endpoint();
  auto echo = asio::co_spawn(
      acceptor.get_executor(),
      [](tcp::acceptor& at) -> asio::awaitable<void> {
        net::plain_stream stream(co_await at.async_accept(asio::use_awaitable));
        const std::string text = co_await test::read_until(stream, "\n");
        co_await net::write_all(stream, "echo " + text);
        stream.shutdown_send();
        co_await test::read_to_end(stream);
      }(acceptor),
      asio::use_future);
  connection([](tcp::socket socket) -> asio::awaitable<void> {
    net::plain_stream stream(std::move(socket));
    co_await net::write_all(stream, "hello\n");
    got = co_await test::read_to_end(stream);
  });
  echo.get();
  EXPECT_EQ(got, "echo hello\n");
  EXPECT_EQ(told_->report.handling, mitm::handling::spliced);
}

TEST_P(session, without_a_server_name_gets_a_leaf_for_the_names_of_the_origins_certificate) {
  origin(one_answer);
  std::vector<std::string> names;
  connection(tls_client("", [&names](net::tls_stream& stream, auto error) -> asio::awaitable<void> {
    names = mitm::certificate_names(stream.native());
    co_await ask(stream, error);
  }));
  EXPECT_EQ(got, answer);
  EXPECT_THAT(names, testing::ElementsAre("api.watched.test"));
  EXPECT_EQ(told_->report.facts.host, "api.watched.test");
}

TEST_P(session, without_a_server_name_is_spliced_when_the_origin_is_not_watched) {
  origin(one_answer, {"www.other.test"});
  connection(tls_client("", ask, theirs_.file()));
  EXPECT_EQ(got, answer);
  EXPECT_EQ(told_->report.handling, mitm::handling::spliced);
}

TEST_P(session, whose_origin_is_unreachable_gives_the_client_a_502_to_read) {
  destination_ = {asio::ip::address_v4::loopback(), 1};
  connection(tls_client("api.watched.test", ask));
  EXPECT_THAT(got, StartsWith("HTTP/1.1 502 "));
  EXPECT_THAT(got, HasSubstr(R"("type":"upstream_refused")"));
  EXPECT_EQ(told_->cause, "upstream_refused");
  EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::failed));
  ASSERT_TRUE(told_->report.failure);
  EXPECT_EQ(told_->report.failure->phase, net::failure::phase_of::connect);
}

TEST_P(session, whose_origin_is_not_trusted_gives_the_client_a_502_to_read) {
  upstream_ = mitm::make_upstream_context({ours_.file(), ""}).value();
  origin(one_answer);
  connection(tls_client("api.watched.test", ask));
  EXPECT_THAT(got, StartsWith("HTTP/1.1 502 "));
  EXPECT_EQ(told_->cause, "upstream_untrusted");
}

TEST_P(session, whose_origin_shows_the_certificate_of_another_host_gives_the_client_a_502_to_read) {
  origin(one_answer, {"www.watched.test"});
  connection(tls_client("api.watched.test", ask));
  EXPECT_THAT(got, StartsWith("HTTP/1.1 502 "));
  EXPECT_EQ(told_->cause, "upstream_untrusted");
}

TEST_P(session, whose_client_stalls_in_its_hello_ends_by_the_limit_client_hello) {
  bounds_.client_hello = 200ms;
  connection([](tcp::socket socket) -> asio::awaitable<void> {
    net::plain_stream stream(std::move(socket));
    co_await net::write_all(stream, "\x16\x03\x01");
    co_await test::read_to_end(stream, &ended);
  });
  ASSERT_TRUE(told_->report.failure);
  EXPECT_EQ(told_->report.failure->phase, net::failure::phase_of::inspect);
  EXPECT_EQ(told_->report.failure->code, asio::error::timed_out);
}

TEST_P(session, whose_origin_stalls_in_the_handshake_gives_a_504_by_the_limit_upstream_handshake) {
  bounds_.upstream_handshake = 200ms;
  tcp::acceptor silent(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
  destination_ = silent.local_endpoint();
  connection(tls_client("api.watched.test", ask));
  EXPECT_THAT(got, StartsWith("HTTP/1.1 504 "));
  EXPECT_EQ(told_->cause, "upstream_timeout");
}

TEST_P(session, whose_client_stalls_in_the_handshake_ends_by_the_limit_downstream_handshake) {
  bounds_.downstream_handshake = 200ms;
  origin(one_answer);
  connection([this](tcp::socket socket) -> asio::awaitable<void> {
    // Only the first flight is sent: the answer to the certificate never comes, however soon that does.
    auto context = mitm::make_upstream_context({ours_.file(), ""}).value();
    net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
    mitm::prepare_upstream(stream, "api.watched.test", {});
    SSL_set0_rbio(stream.native(), BIO_new(BIO_s_mem()));
    SSL_do_handshake(stream.native());
    net::plain_stream raw(std::move(stream.socket()));
    co_await test::read_to_end(raw);
  });
  ASSERT_TRUE(told_->report.failure);
  EXPECT_EQ(told_->report.failure->side, net::failure::side_of::downstream);
  EXPECT_EQ(told_->report.failure->phase, net::failure::phase_of::handshake);
  EXPECT_EQ(told_->report.failure->code, asio::error::timed_out);
}

asio::awaitable<void> read_all(net::tls_stream& client) {
  co_await test::read_to_end(client);
}

TEST_P(session, whose_origin_never_answers_gives_a_504_by_the_limit_first_response_byte) {
  bounds_.first_response_byte = 200ms;
  origin(read_all);
  connection(tls_client("api.watched.test", ask));
  EXPECT_THAT(got, StartsWith("HTTP/1.1 504 "));
  EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::timed_out));
  EXPECT_EQ(told_->cause, "upstream_timeout");
}

TEST_P(session, whose_answer_stalls_is_reset_by_the_limit_stream_idle) {
  bounds_.stream_idle = 200ms;
  origin([](net::tls_stream& client) -> asio::awaitable<void> {
    co_await test::read_until(client, "\r\n\r\n");
    co_await net::write_all(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", ask));
  EXPECT_THAT(got, HasSubstr("ab\r\n"));
  EXPECT_NE(ended, asio::error::eof) << "a cut answer must not look like a finished one";
  EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::timed_out));
}

TEST_P(session, whose_client_stalls_in_a_request_ends_by_the_limit_request_stall) {
  bounds_.request_stall = 200ms;
  origin(read_all);
  connection(tls_client("api.watched.test", [](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    co_await test::read_to_end(stream, &ended);
  }));
  ASSERT_TRUE(told_->report.failure);
  EXPECT_EQ(told_->report.failure->side, net::failure::side_of::downstream);
  EXPECT_EQ(told_->report.failure->code, asio::error::timed_out);
}

TEST_P(session, that_is_idle_is_closed_in_order_by_the_limit_request_idle) {
  bounds_.request_idle = 200ms;
  origin([](net::tls_stream& client) -> asio::awaitable<void> {
    co_await test::read_until(client, "\r\n\r\n");
    co_await net::write_all(client, answer);
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", ask));
  EXPECT_EQ(got, answer);
  EXPECT_EQ(ended, asio::error::eof);
  EXPECT_FALSE(told_->report.failure);
}

TEST_P(session, passes_an_answer_to_a_client_that_has_ended_its_direction) {
  origin([](net::tls_stream& client) -> asio::awaitable<void> {
    co_await test::read_to_end(client);
    co_await net::write_all(client, answer);
    client.shutdown_send();
  });
  connection(tls_client("api.watched.test", [](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, request);
    stream.shutdown_send();
    got = co_await test::read_to_end(stream);
  }));
  EXPECT_EQ(got, answer);
  EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::complete));
}

TEST_P(session, sees_an_end_that_comes_together_with_the_last_bytes) {
  origin([](net::tls_stream& client) -> asio::awaitable<void> {
    co_await test::read_until(client, "\r\n\r\n");
    // One segment holds the answer and close_notify, and TCP itself is not ended.
    const int fd = client.socket().native_handle();
    const int on = 1;
    const int off = 0;
    ::setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    co_await net::write_all(client, "HTTP/1.1 200 OK\r\n\r\nuntil close");
    SSL_shutdown(client.native());
    ::setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", ask));
  EXPECT_THAT(got, testing::EndsWith("until close"));
  EXPECT_EQ(ended, asio::error::eof);
  EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::complete));
}

TEST_P(session, whose_origin_cuts_its_answer_lets_the_client_see_the_cut) {
  origin([](net::tls_stream& client) -> asio::awaitable<void> {
    co_await test::read_until(client, "\r\n\r\n");
    co_await net::write_all(client, "HTTP/1.1 200 OK\r\n\r\nuntil clo");
    client.truncate();
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", ask));
  EXPECT_THAT(got, HasSubstr("until clo"));
  EXPECT_EQ(ended, net::errc::truncated);
  EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::upstream_aborted));
}

TEST_P(session, is_bypassed_after_its_clients_have_refused_the_certificate_often_enough) {
  bounds_.bypass_after = 2;
  bypassed_.~bypass_list();
  new (&bypassed_) mitm::bypass_list(bounds_);
  origin(one_answer);
  for (int i = 0; i < 2; ++i) {
    connection(tls_client("api.watched.test", ask, theirs_.file()));
    EXPECT_EQ(told_->rejections, 1);
    EXPECT_EQ(got, "");
  }
  EXPECT_TRUE(told_->bypassed);
  connection(tls_client("api.watched.test", ask, theirs_.file()));
  EXPECT_EQ(got, answer) << "the client sees the origin itself";
  EXPECT_EQ(told_->report.handling, mitm::handling::spliced);
}

TEST_P(session, of_another_program_goes_on_being_intercepted_where_one_is_bypassed) {
  bounds_.bypass_after = 1;
  bypassed_.~bypass_list();
  new (&bypassed_) mitm::bypass_list(bounds_);
  origin(one_answer);
  program_ = {1000, "/usr/bin/distrusting"};
  connection(tls_client("api.watched.test", ask, theirs_.file()));
  EXPECT_TRUE(told_->bypassed);
  EXPECT_EQ(told_->unread, std::nullopt);
  connection(tls_client("api.watched.test", ask, theirs_.file()));
  EXPECT_EQ(told_->unread, mitm::unread::bypassed);
  EXPECT_EQ(told_->report.facts.bypassed, "/usr/bin/distrusting of uid 1000");
  program_ = {1000, "/usr/bin/trusting"};
  connection(tls_client("api.watched.test", ask));
  EXPECT_EQ(got, answer);
  EXPECT_EQ(told_->report.handling, mitm::handling::intercepted);
}

TEST_P(session, of_unknown_programs_are_told_apart_by_their_hellos) {
  bounds_.bypass_after = 1;
  bypassed_.~bypass_list();
  new (&bypassed_) mitm::bypass_list(bounds_);
  origin(one_answer);
  program_ = {1000, ""};
  connection(tls_client("api.watched.test", ask, theirs_.file(), {"http/1.1"}));
  EXPECT_TRUE(told_->bypassed);
  connection(tls_client("api.watched.test", ask, theirs_.file(), {"http/1.1"}));
  EXPECT_EQ(told_->unread, mitm::unread::bypassed);
  connection(tls_client("api.watched.test", ask));
  EXPECT_EQ(told_->report.handling, mitm::handling::intercepted) << "this one says hello otherwise";
}

TEST_P(session, without_a_request_is_no_refusal_however_it_ends) {
  bounds_.bypass_after = 1;
  bypassed_.~bypass_list();
  new (&bypassed_) mitm::bypass_list(bounds_);
  origin([](net::tls_stream& client) -> asio::awaitable<void> { co_await test::read_to_end(client); });
  const auto leave = [this](auto how) {
    connection(tls_client("api.watched.test", [how](net::tls_stream& stream, auto error) -> asio::awaitable<void> {
      EXPECT_FALSE(error);
      how(stream);
      co_return;
    }));
    EXPECT_EQ(told_->rejections, 0);
  };
  leave([](net::tls_stream& stream) { stream.shutdown_send(); });
  leave([](net::tls_stream& stream) { stream.truncate(); });
  leave([](net::tls_stream& stream) { net::reset_on_close(stream.socket()); });
  // In the middle of the handshake: as a client that is killed.
  for (const bool reset : {false, true}) {
    connection([&, reset](tcp::socket socket) -> asio::awaitable<void> {
      auto context = mitm::make_upstream_context({ours_.file(), ""}).value();
      net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
      mitm::prepare_upstream(stream, "api.watched.test", {});
      ERR_clear_error();
      SSL_do_handshake(stream.native());  // sends the ClientHello
      co_await net::wait_until(stream.socket(), net::io_step::wait_for::readable);
      if (reset) net::reset_on_close(stream.socket());
    });
    EXPECT_EQ(told_->rejections, 0);
  }
  EXPECT_FALSE(bypassed_.knows("api.watched.test"));
}

/// A TLS 1.2 client that reads all that comes with the certificate, and closes.
asio::awaitable<void> close_at_certificate(tcp::socket socket, std::string trusted, bool reset) {
  auto context = mitm::make_upstream_context({trusted, ""}).value();
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
  mitm::prepare_upstream(stream, "api.watched.test", {});
  ERR_clear_error();
  SSL_do_handshake(stream.native());  // sends the ClientHello
  co_await net::wait_until(stream.socket(), net::io_step::wait_for::readable);
  std::array<char, 16384> flight;
  co_await stream.socket().async_read_some(asio::buffer(flight), asio::use_awaitable);
  if (reset) net::reset_on_close(stream.socket());
}

TEST_P(session,
       whose_tls_1_2_client_closes_at_the_certificate_counts_as_refused_unless_its_program_has_sent_a_request) {
  origin(one_answer);
  program_ = {1000, "/usr/bin/java"};
  const auto close = [this](bool reset) {
    connection([&, reset](tcp::socket socket) { return close_at_certificate(std::move(socket), ours_.file(), reset); });
  };
  close(false);
  EXPECT_EQ(told_->rejections, 1);
  EXPECT_EQ(told_->report.failure->code, net::errc::certificate_declined);
  close(true);
  EXPECT_EQ(told_->rejections, 0) << "it was killed, perhaps";
  connection(tls_client("api.watched.test", ask));
  EXPECT_EQ(got, answer);
  close(false);
  EXPECT_EQ(told_->rejections, 0) << "it is known to trust us";
  program_ = {1000, "/usr/bin/another"};
  close(false);
  EXPECT_EQ(told_->rejections, 1);
}

TEST_P(session, whose_client_refuses_the_certificate_behind_the_handshake_counts_as_refused) {
  origin(one_answer);
  connection([this](tcp::socket socket) -> asio::awaitable<void> {
    auto context = mitm::make_upstream_context({ours_.file(), ""}).value();
    SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256");
    const support::client_keys keys(context.get());
    net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
    mitm::prepare_upstream(stream, "api.watched.test", {});
    const auto shaken = co_await stream.handshake();
    EXPECT_FALSE(shaken.has_error());
    constexpr std::uint8_t bad_certificate = 42;
    const std::string alert = keys.fatal_alert(bad_certificate);
    EXPECT_EQ(::send(stream.socket().native_handle(), alert.data(), alert.size(), MSG_NOSIGNAL), 24);
    co_await test::read_to_end(stream);
  });
  EXPECT_EQ(told_->rejections, 1);
  EXPECT_TRUE(told_->outcomes.empty());
}

TEST_P(session, of_a_protocol_that_cannot_be_followed_is_read_where_its_origin_picks_none) {
  origin(one_answer);
  for (const std::string offered : {"http/1.0", "foo"}) {
    connection(tls_client("api.watched.test", ask, "", {offered}));
    EXPECT_EQ(got, answer) << offered;
    EXPECT_EQ(told_->report.handling, mitm::handling::intercepted);
    EXPECT_EQ(told_->unread, std::nullopt);
  }
}

TEST_P(session, of_a_protocol_that_cannot_be_followed_is_spliced_where_its_origin_picks_it) {
  auto context = theirs_.context({"api.watched.test"});
  SSL_CTX_set_alpn_select_cb(
      context.get(),
      [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned, void*) {
        *out = in + 1;
        *size = in[0];
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
  origin(one_answer, std::move(context));
  connection(tls_client("api.watched.test", ask, theirs_.file(), {"foo"}));
  EXPECT_EQ(got, answer);
  EXPECT_EQ(told_->unread, mitm::unread::protocol);
}

TEST_P(session, that_insists_on_tls_1_3_is_not_served_over_an_older_origin) {
  auto context = theirs_.context({"api.watched.test"});
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  origin(one_answer, std::move(context));
  mitm::tls_terms terms;
  terms.at_least = mitm::tls_terms::tls_1_3;
  connection(tls_client("api.watched.test", ask, "", {}, terms));
  EXPECT_THAT(got, StartsWith("HTTP/1.1 502"));
  EXPECT_THAT(got, HasSubstr("insists on TLS 1.3"));
  connection(tls_client("api.watched.test", ask));
  EXPECT_EQ(got, answer) << "who takes both is served";
}

TEST_P(session, whose_client_offers_weak_tls_alone_is_refused_and_one_that_we_cannot_serve_is_spliced) {
  origin(one_answer);
  const auto offering = [this](const char* suites) {
    return [this, suites](tcp::socket socket) -> asio::awaitable<void> {
      auto context = mitm::make_upstream_context({theirs_.file(), ""}).value();
      SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
      SSL_CTX_set_cipher_list(context.get(), suites);
      net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
      mitm::prepare_upstream(stream, "api.watched.test", {});
      const auto shaken = co_await stream.handshake();
      EXPECT_TRUE(shaken.has_error()) << suites;
    };
  };
  connection(offering("ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0"));
  EXPECT_EQ(told_->report.handling, mitm::handling::intercepted);
  EXPECT_EQ(told_->unread, std::nullopt);
  const auto only_ed25519 = [this](tcp::socket socket) -> asio::awaitable<void> {
    auto context = mitm::make_upstream_context({theirs_.file(), ""}).value();
    SSL_CTX_set1_sigalgs_list(context.get(), "ed25519");
    net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
    mitm::prepare_upstream(stream, "api.watched.test", {});
    const auto shaken = co_await stream.handshake();
    EXPECT_TRUE(shaken.has_error());
  };
  connection(only_ed25519);
  EXPECT_EQ(told_->report.handling, mitm::handling::spliced);
  EXPECT_EQ(told_->unread, mitm::unread::tls) << "which only a certificate with such a key could serve";
}

TEST_P(session, shows_an_rsa_certificate_to_a_client_that_takes_no_other_and_to_no_one_else) {
  origin(one_answer, theirs_.context({"api.watched.test"}, mitm::leaf_key::rsa));  // TLS 1.2 is held to its suites
  int kind = 0;
  const auto client = [&](auto restrict) {
    return [this, restrict, &kind](tcp::socket socket) -> asio::awaitable<void> {
      auto context = mitm::make_upstream_context({ours_.file(), ""}).value();
      restrict(context.get());
      net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
      mitm::prepare_upstream(stream, "api.watched.test", {});
      const auto shaken = co_await stream.handshake();
      EXPECT_FALSE(shaken.has_error()) << stream.why();
      if (shaken.has_error()) co_return;
      kind = EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(stream.native())));
      co_await net::write_all(stream, request);
      got = co_await test::read_to_end(stream);
    };
  };
  connection(client([](SSL_CTX* context) {
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384");
  }));
  EXPECT_EQ(kind, EVP_PKEY_RSA);
  EXPECT_EQ(told_->report.handling, mitm::handling::intercepted);
  EXPECT_EQ(got, answer);
  connection(client([](SSL_CTX* context) { SSL_CTX_set1_sigalgs_list(context, "rsa_pss_rsae_sha256"); }));
  EXPECT_EQ(kind, EVP_PKEY_RSA) << "in TLS 1.3";
  EXPECT_EQ(got, answer);
  connection(client([](SSL_CTX*) {}));
  EXPECT_EQ(kind, EVP_PKEY_EC);
  EXPECT_EQ(got, answer);
}

TEST_P(session, passes_megabytes_both_ways_to_a_slow_reader) {
  const std::string big(8 << 20, 'x');
  origin([&big](net::tls_stream& client) -> asio::awaitable<void> {
    const std::string body = co_await test::read_until(client, "END");
    EXPECT_EQ(body.size(),
              big.size() + std::string_view("PUT / HTTP/1.1\r\nContent-Length: 8388611\r\n\r\nEND").size());
    co_await net::write_all(client, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");
    co_await net::write_all(client, big);
    client.shutdown_send();
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", [&big](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, "PUT / HTTP/1.1\r\nContent-Length: 8388611\r\n\r\n");
    co_await net::write_all(stream, big);
    co_await net::write_all(stream, "END");
    asio::steady_timer slow(stream.socket().get_executor(), 20ms);
    co_await slow.async_wait(asio::use_awaitable);
    got = co_await test::read_to_end(stream);
  }));
  EXPECT_THAT(got.substr(got.find("\r\n\r\n") + 4), testing::Eq(big));
  EXPECT_EQ(told_->body, big);
  EXPECT_THAT(told_->outcomes, testing::ElementsAre(mitm::exchange_outcome::complete));
}

TEST_P(session, goes_on_when_the_tap_cannot_follow) {
  origin(one_answer);
  connection(tls_client("api.watched.test", [](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, "\x01\x02 no HTTP at all\r\n\r\n");
    got = co_await test::read_to_end(stream);
  }));
  EXPECT_EQ(got, answer);
  EXPECT_NE(told_->detached, "");
}

TEST_P(session, that_is_idle_ends_at_once_when_draining_begins) {
  origin([this](net::tls_stream& client) -> asio::awaitable<void> {
    co_await test::read_until(client, "\r\n\r\n");
    co_await net::write_all(client, answer);
    co_await test::read_until(client, "\r\n\r\n");
    co_await net::write_all(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    draining_.request_stop();
    co_await net::write_all(client, "2\r\nab\r\n");
    co_await net::write_all(client, "0\r\n\r\n");
    co_await test::read_to_end(client);
  });
  connection(tls_client("api.watched.test", [](net::tls_stream& stream, auto) -> asio::awaitable<void> {
    co_await net::write_all(stream, request);
    co_await test::read_until(stream, "hello");
    co_await net::write_all(stream, request);
    got = co_await test::read_to_end(stream, &ended);
  }));
  EXPECT_THAT(got, testing::EndsWith("2\r\nab\r\n0\r\n\r\n")) << "the stream under way is finished first";
  EXPECT_FALSE(told_->report.failure);
}

}  // namespace
