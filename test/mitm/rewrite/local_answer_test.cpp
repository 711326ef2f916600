#include "mitm/rewrite/local_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/error.hpp>

#include "net/errc.hpp"

namespace {

using net::failure;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

failure upstream(failure::phase_of phase, boost::system::error_code code, std::string detail = "") {
  return {failure::side_of::upstream, phase, code, std::move(detail)};
}

std::string answer_to(const failure& what, std::string_view host, bool with_body = true) {
  return mitm::last_answer(mitm::answer_to(what, host), with_body);
}

TEST(cause_of, tells_the_ways_apart_in_which_an_origin_can_be_out_of_reach) {
  using enum failure::phase_of;
  EXPECT_EQ(mitm::cause_of(upstream(connect, boost::asio::error::timed_out)), "upstream_timeout");
  EXPECT_EQ(mitm::cause_of(upstream(connect, boost::asio::error::connection_refused)), "upstream_refused");
  EXPECT_EQ(mitm::cause_of(upstream(handshake, net::errc::certificate_untrusted)), "upstream_untrusted");
  EXPECT_EQ(mitm::cause_of(upstream(connect, boost::asio::error::network_unreachable)), "upstream_unreachable");
}

TEST(local_answer, is_a_502_that_ends_the_connection_and_names_the_host) {
  const auto answer =
      answer_to(upstream(failure::phase_of::connect, boost::asio::error::connection_refused), "api.example.com", true);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 502 Bad Gateway\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr("api.example.com cannot be reached"));
  EXPECT_THAT(answer, HasSubstr(R"("type":"upstream_refused")"));
}

TEST(local_answer, is_a_504_after_a_timeout) {
  const auto answer =
      answer_to(upstream(failure::phase_of::response, boost::asio::error::timed_out), "api.example.com", true);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 504 Gateway Timeout\r\n"));
}

TEST(local_answer, says_how_long_its_body_is) {
  const auto answer =
      answer_to(upstream(failure::phase_of::response, boost::asio::error::timed_out), "a.example", true);
  const auto body = answer.substr(answer.find("\r\n\r\n") + 4);
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
}

TEST(local_answer, has_no_body_for_a_head_request) {
  const auto answer =
      answer_to(upstream(failure::phase_of::response, boost::asio::error::timed_out), "a.example", false);
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(local_answer, stays_json_whatever_the_verifier_said) {
  const auto answer =
      answer_to(upstream(failure::phase_of::handshake, net::errc::certificate_untrusted, "quote \" slash \\ line\n"),
                "a.example", true);
  EXPECT_THAT(answer, HasSubstr("quote ' slash   line"));
}

}  // namespace
