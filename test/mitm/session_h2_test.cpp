// Sessions whose ALPN settles on HTTP/2, or could have.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/mitm/session_fixture.hpp"
#include "test/support/h2_frames.hpp"

namespace {

using namespace support;
using testing::ElementsAre;
using testing::HasSubstr;
namespace asio = boost::asio;

const std::string hello = h2_preface + settings();
const std::vector<std::string> both{"h2", "http/1.1"};

/// What both ends of one connection saw.
struct seen {
  std::string offered;  // by ALPN, to the origin
  std::string picked;   // as the client was told
  std::string asked;
  std::string got;
  boost::system::error_code ended;
};

class session_h2 : public test::session_fixture {
 protected:
  /// An origin that picks `protocol`, reads until `request` is there, and answers with `answer`.
  void h2_origin(std::string request, std::string answer, std::string protocol = "h2") {
    picks_ = std::move(protocol);
    auto context = theirs_.context({"api.watched.test"});
    SSL_CTX_set_alpn_select_cb(context.get(), pick, this);
    origin(
        [this, request, answer](net::tls_stream& client) -> asio::awaitable<void> {
          const auto end = request.substr(request.size() - 8);
          auto asked = co_await test::read_until(client, end);
          // Without it the test may be over: nothing waits for an origin that was not asked.
          if (asked.ends_with(end)) seen_.asked = std::move(asked);
          co_await net::write_all(client, answer);
          co_await test::read_to_end(client);
        },
        std::move(context));
  }

  /// A client that offers `offered`, sends `request` and reads until `last` or the end.
  void ask(std::string request, std::string last, std::vector<std::string> offered) {
    connection(tls_client(
        "api.watched.test",
        [=, this](net::tls_stream& stream, auto error) -> asio::awaitable<void> {
          seen_.ended = error;
          if (error) co_return;
          seen_.picked = mitm::picked_alpn(stream.native());
          co_await net::write_all(stream, request);
          seen_.got = co_await test::read_until(stream, last, &seen_.ended);
          stream.shutdown_send();
          co_await test::read_to_end(stream);
        },
        "", offered));
  }

  seen seen_;

 private:
  static int pick(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned count,
                  void* self) {
    auto& fixture = *static_cast<session_h2*>(self);
    fixture.seen_.offered.assign(reinterpret_cast<const char*>(in), count);
    *out = reinterpret_cast<const unsigned char*>(fixture.picks_.data());
    *size = static_cast<unsigned char>(fixture.picks_.size());
    return SSL_TLSEXT_ERR_OK;
  }

  std::string picks_;
};

TEST_F(session_h2, passes_frames_unchanged_and_shows_their_streams) {
  hpack_encoder down;
  hpack_encoder up;
  const std::string request =
      hello + down.headers(1, get_fields("/one"), true) + down.headers(3, get_fields("/two"), true);
  const std::string answer = settings() + settings_ack() + up.headers(3, status_fields("404"), true) +
                             up.headers(1, status_fields("200")) + data(1, "hel") + data(1, "lo", true);
  h2_origin(request, answer);
  ask(request, "lo", both);
  EXPECT_EQ(seen_.offered, "\2h2\10http/1.1");
  EXPECT_EQ(seen_.picked, "h2");
  EXPECT_EQ(seen_.asked, request);
  EXPECT_EQ(seen_.got, answer);
  EXPECT_EQ(told_->log, "GET /one;request;GET /two;request;response 404;response 200;");
  EXPECT_EQ(told_->body, "hello");
  EXPECT_THAT(told_->outcomes, ElementsAre(mitm::exchange_outcome::complete, mitm::exchange_outcome::complete));
  EXPECT_EQ(told_->report.handling, mitm::handling::intercepted);
  EXPECT_FALSE(told_->report.failure) << told_->report.failure->code.message();
}

TEST_F(session_h2, is_http1_when_the_origin_picks_that) {
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  h2_origin(request, answer, "http/1.1");
  ask(request, "hi", both);
  EXPECT_EQ(seen_.picked, "http/1.1");
  EXPECT_EQ(told_->log, "GET /;request;response 200;");
}

TEST_F(session_h2, offers_the_origin_nothing_that_the_client_did_not) {
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  h2_origin(request, answer);
  ask(request, "hi", {});
  EXPECT_EQ(seen_.offered, "");
  EXPECT_EQ(seen_.picked, "");
  EXPECT_EQ(told_->log, "GET /;request;response 200;");
}

TEST_F(session_h2, goes_on_when_the_tap_cannot_follow) {
  const std::string request = hello + data(0, "a stream error, and more");
  const std::string answer = settings() + "no frame at all";
  h2_origin(request, answer);
  ask(request, "at all", both);
  EXPECT_EQ(seen_.asked, request);
  EXPECT_EQ(seen_.got, answer);
  EXPECT_EQ(told_->detached, "a malformed frame");
}

TEST_F(session_h2, whose_origin_is_unreachable_gives_a_client_of_h2_alone_a_502_to_read) {
  destination_ = {asio::ip::address_v4::loopback(), 1};
  ask(hello + hpack_encoder().headers(1, get_fields("/"), true), "", {"h2"});
  EXPECT_EQ(seen_.picked, "h2");
  EXPECT_THAT(seen_.got, HasSubstr("502"));
  EXPECT_THAT(seen_.got, HasSubstr(R"("type":"upstream_refused")"));
  EXPECT_THAT(told_->outcomes, ElementsAre(mitm::exchange_outcome::failed));
  EXPECT_EQ(told_->cause, "upstream_refused");
}

TEST_F(session_h2, whose_origin_is_unreachable_speaks_http1_with_all_who_can) {
  destination_ = {asio::ip::address_v4::loopback(), 1};
  ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", both);
  EXPECT_EQ(seen_.picked, "http/1.1");
  EXPECT_THAT(seen_.got, testing::StartsWith("HTTP/1.1 502 "));
}

TEST_F(session_h2, whose_origin_never_says_a_word_gives_a_504_to_every_open_stream) {
  bounds_.first_response_byte = std::chrono::milliseconds(200);
  hpack_encoder down;
  const std::string request = hello + down.headers(1, get_fields("/"), true) + down.headers(3, get_fields("/"), true);
  h2_origin(request + "never sent", "");
  ask(request, "", both);
  const auto first = seen_.got.find("504");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(seen_.got.find("504", seen_.got.find("upstream_timeout", first)), std::string::npos);
  EXPECT_THAT(told_->outcomes, ElementsAre(mitm::exchange_outcome::timed_out, mitm::exchange_outcome::timed_out));
}

TEST_F(session_h2, does_not_fail_when_the_origin_answers_a_truncated_end_with_an_alert) {
  const std::string request = hello + hpack_encoder().headers(1, get_fields("/"), true);
  h2_origin(request, settings() + hpack_encoder().headers(1, status_fields("204"), true));
  connection(tls_client(
      "api.watched.test",
      [&](net::tls_stream& stream, auto) -> asio::awaitable<void> {
        co_await net::write_all(stream, request);
        co_await test::read_until(stream, "\x89");  // :status 204
        stream.truncate();
        co_await test::read_to_end(stream);
      },
      "", both));
  EXPECT_THAT(told_->outcomes, ElementsAre(mitm::exchange_outcome::complete));
  EXPECT_FALSE(told_->report.failure) << told_->report.failure->detail;
}

}  // namespace
