#include "app/run/connect_proxy.hpp"

#include <gmock/gmock.h>

namespace app::run {
namespace {

TEST(connect_proxy, the_target_is_a_host_and_a_port) {
  const auto target = parse_connect("CONNECT api.openai.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "api.openai.com");
  EXPECT_EQ(target->port, "443");
}

TEST(connect_proxy, an_ipv6_address_loses_its_brackets) {
  const auto target = parse_connect("CONNECT [fd00::2]:8443 HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "fd00::2");
  EXPECT_EQ(target->port, "8443");
}

TEST(connect_proxy, anything_else_is_refused) {
  for (const auto* head : {"GET http://x/ HTTP/1.1\r\n\r\n", "CONNECT api.openai.com HTTP/1.1\r\n\r\n",
                           "CONNECT :443 HTTP/1.1", "CONNECT host: HTTP/1.1", "", "CONNECT "}) {
    EXPECT_FALSE(parse_connect(head)) << head;
  }
}

}  // namespace
}  // namespace app::run
