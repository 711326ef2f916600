#include "mitm/policy/request_rewriter.hpp"

#include <gtest/gtest.h>

namespace mitm {
namespace {

using net::wire::header_fields;

TEST(request_form, an_upgrade_is_a_get_that_asks_for_a_websocket_or_an_extended_connect) {
  const header_fields fields("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n");
  EXPECT_EQ(form_of({"GET", "/", 1, fields}), request_form::upgrade);
  EXPECT_EQ(form_of({"CONNECT", "/", 1, {}, 2, "websocket"}), request_form::upgrade);
}

TEST(request_form, a_post_with_the_protocol_is_a_message_and_all_else_is_plain) {
  EXPECT_EQ(form_of({"POST", "/", 1, {}, 1, "websocket"}), request_form::message);
  EXPECT_EQ(form_of({"POST", "/", 1, header_fields("Connection: Upgrade\r\nUpgrade: websocket\r\n")}),
            request_form::plain);
  EXPECT_EQ(form_of({"GET", "/", 1, header_fields("Connection: Upgrade\r\nUpgrade: h2c\r\n")}), request_form::plain);
  EXPECT_EQ(form_of({"CONNECT", "a:1", 1, {}}), request_form::plain);
}

}  // namespace
}  // namespace mitm
