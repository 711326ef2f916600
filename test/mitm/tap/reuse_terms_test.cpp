#include "mitm/tap/reuse_terms.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
namespace wire = net::wire;

/// How long an upstream may wait, a minute at most, after one exchange of these heads.
std::chrono::milliseconds waits(const std::string& request_lines, const std::string& response_lines,
                                const std::string& version = "HTTP/1.1") {
  mitm::reuse_terms terms;
  const std::string asked = "GET / " + version + "\r\n" + request_lines + "\r\n";
  const std::string answered = version + " 200 OK\r\n" + response_lines + "\r\n";
  terms.request(*wire::parse_request_head(asked));
  terms.response(*wire::parse_response_head(answered));
  terms.exchange_complete();
  return terms.wait(1min);
}

TEST(reuse_terms, a_connection_that_has_carried_an_exchange_waits_as_long_as_it_may) {
  EXPECT_EQ(mitm::reuse_terms().wait(1min), 0s) << "none yet";
  EXPECT_EQ(waits("", ""), 1min);
  EXPECT_EQ(waits("Authorization: Bearer x\r\n", ""), 1min);
}

TEST(reuse_terms, a_connection_that_a_side_wants_to_end_serves_nobody_else) {
  EXPECT_EQ(waits("Connection: close\r\n", ""), 0s);
  EXPECT_EQ(waits("", "connection: Close\r\n"), 0s);
  EXPECT_EQ(waits("", "", "HTTP/1.0"), 0s);
  EXPECT_EQ(waits("Connection: keep-alive\r\n", "", "HTTP/1.0"), 0s);
  EXPECT_EQ(waits("Connection: keep-alive\r\n", "Connection: keep-alive\r\n", "HTTP/1.0"), 1min);
}

TEST(reuse_terms, a_connection_that_was_authenticated_as_a_whole_serves_nobody_else) {
  EXPECT_EQ(waits("Authorization: NTLM TlRMTVNTUAAB\r\n", ""), 0s);
  EXPECT_EQ(waits("authorization: negotiate YII\r\n", ""), 0s);
}

TEST(reuse_terms, a_connection_that_saw_an_upgrade_or_a_connect_serves_nobody_else) {
  EXPECT_EQ(waits("Connection: Upgrade\r\nUpgrade: websocket\r\n", ""), 0s) << "though it was answered 200";
  EXPECT_EQ(waits("upgrade: h2c\r\n", ""), 0s);
  EXPECT_EQ(waits("HTTP2-Settings: AAMAAABk\r\n", ""), 0s);
  EXPECT_EQ(waits("", "Upgrade: h2\r\n"), 0s);
  mitm::reuse_terms terms;
  terms.request(*wire::parse_request_head("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"));
  terms.response(*wire::parse_response_head("HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"));
  terms.exchange_complete();
  EXPECT_EQ(terms.wait(1min), 0s);
}

TEST(reuse_terms, the_origins_own_timeout_counts_less_a_second) {
  EXPECT_EQ(waits("", "Keep-Alive: timeout=5\r\n"), 4s);
  EXPECT_EQ(waits("", "Keep-Alive: timeout=1\r\n"), 0s);
  EXPECT_EQ(waits("", "Keep-Alive: timeout=0\r\n"), 0s);
  EXPECT_EQ(waits("", "Keep-Alive: timeout=4294967295\r\n"), 1min);
}

TEST(reuse_terms, the_last_answer_tells_the_timeout_and_any_may_spoil_the_connection) {
  mitm::reuse_terms terms;
  const auto answer = [&terms](std::string lines) {
    lines = "HTTP/1.1 200 OK\r\n" + lines + "\r\n";
    terms.response(*wire::parse_response_head(lines));
    terms.exchange_complete();
    return terms.wait(1min);
  };
  EXPECT_EQ(answer("Keep-Alive: timeout=5\r\n"), 4s);
  EXPECT_EQ(answer(""), 1min);
  EXPECT_EQ(answer("Connection: close\r\n"), 0s);
  EXPECT_EQ(answer(""), 0s);
}

}  // namespace
