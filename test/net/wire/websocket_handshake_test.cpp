#include "net/wire/websocket_handshake.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace net::wire {
namespace {

bool upgrades(const std::string& start, const std::string& lines) {
  const std::string text = start + "\r\n" + lines + "\r\n";
  return is_websocket_upgrade(*parse_request_head(text));
}

TEST(is_websocket_upgrade, takes_what_clients_send) {
  constexpr auto get = "GET /v1/responses HTTP/1.1";
  EXPECT_TRUE(upgrades(get,
                       "Host: api.openai.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  EXPECT_TRUE(upgrades(get, "connection: keep-alive, upgrade\r\nupgrade: WebSocket\r\n"));
  EXPECT_TRUE(upgrades(get, "Upgrade: h2c , websocket\r\nConnection: keep-alive\r\nConnection: UPGRADE\r\n"));
}

TEST(is_websocket_upgrade, takes_nothing_else) {
  constexpr auto get = "GET / HTTP/1.1";
  EXPECT_FALSE(upgrades(get, ""));
  EXPECT_FALSE(upgrades(get, "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
  EXPECT_FALSE(upgrades(get, "Connection: Upgrade\r\nUpgrade: websockets\r\n"));
  EXPECT_FALSE(upgrades(get, "Upgrade: websocket\r\n"));
  EXPECT_FALSE(upgrades(get, "Connection: keep-alive\r\nUpgrade: websocket\r\n"));
  EXPECT_FALSE(upgrades("GET / HTTP/1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  EXPECT_FALSE(upgrades("POST / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
}

/// The terms that the values of Sec-WebSocket-Extensions, each in a field of its own, agree to.
result<websocket_terms> terms(std::initializer_list<std::string> extensions, const std::string& more = {}) {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\n" + more;
  for (const std::string& each : extensions) text += "Sec-WebSocket-Extensions: " + each + "\r\n";
  text += "\r\n";
  return parse_websocket_terms(parse_response_head(text)->fields);
}

constexpr websocket_deflate plain{.on = true};

void expect_terms(std::initializer_list<std::string> extensions, websocket_deflate client, websocket_deflate server,
                  bool unknown = false) {
  const auto found = terms(extensions);
  ASSERT_TRUE(found) << extensions.begin()[0];
  EXPECT_EQ(*found, (websocket_terms{client, server, unknown, ""})) << extensions.begin()[0];
}

TEST(parse_websocket_terms, without_extensions_has_none) {
  ASSERT_TRUE(terms({}));
  EXPECT_EQ(*terms({}), websocket_terms());
  EXPECT_EQ(*terms({""}), websocket_terms());
}

TEST(parse_websocket_terms, reads_what_was_agreed_for_each_direction) {
  expect_terms({"permessage-deflate"}, plain, plain);
  expect_terms({"Permessage-Deflate"}, plain, plain);
  expect_terms({"permessage-deflate; client_no_context_takeover"}, {.on = true, .keep_context = false}, plain);
  expect_terms({"permessage-deflate;server_no_context_takeover"}, plain, {.on = true, .keep_context = false});
  expect_terms({"permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
               {.on = true, .keep_context = false}, {.on = true, .keep_context = false});
  expect_terms({"permessage-deflate ; client_max_window_bits = 10\t;server_max_window_bits=\"8\""},
               {.on = true, .window_bits = 10}, {.on = true, .window_bits = 8});
  expect_terms({R"(permessage-deflate; server_max_window_bits="1\5")"}, plain, plain);
}

TEST(parse_websocket_terms, reads_lists_and_repeated_fields) {
  expect_terms({", permessage-deflate ,,"}, plain, plain);
  expect_terms({"", "permessage-deflate"}, plain, plain);
  expect_terms({"x-other; a; b=1; c=\"d\"", "permessage-deflate"}, plain, plain, true);
  expect_terms({"permessage-deflate, x-webkit-deflate-frame"}, plain, plain, true);
  expect_terms({"bbf-usp-protocol"}, {}, {}, true);
}

TEST(parse_websocket_terms, of_what_no_client_would_take_says_malformed) {
  for (const char* value : {"permessage-deflate; client_no_context_takeover=1",
                            "permessage-deflate; server_no_context_takeover=\"x\"",
                            "permessage-deflate; client_max_window_bits",
                            "permessage-deflate; server_max_window_bits",
                            "permessage-deflate; client_max_window_bits=7",
                            "permessage-deflate; client_max_window_bits=16",
                            "permessage-deflate; server_max_window_bits=08",
                            "permessage-deflate; server_max_window_bits=1 0",
                            "permessage-deflate; server_max_window_bits=",
                            "permessage-deflate; server_max_window_bits=\"\"",
                            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
                            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
                            "permessage-deflate; unknown",
                            "permessage-deflate; unknown=1",
                            "permessage-deflate, permessage-deflate",
                            "permessage-deflate;",
                            "permessage-deflate; =1",
                            "permessage-deflate x",
                            "; a",
                            "x; a=\"b",
                            "x; a=\"b\\",
                            "x; a=\"b c\"",
                            "x=1",
                            "\"x\"",
                            "x\"",
                            "x; a=b=c"}) {
    EXPECT_EQ(terms({value}).error(), errc::malformed) << value;
  }
  EXPECT_EQ(terms({"permessage-deflate", "permessage-deflate"}).error(), errc::malformed);
}

TEST(parse_websocket_terms, tells_the_subprotocol) {
  const auto found = terms({"permessage-deflate"}, "Sec-WebSocket-Protocol: realtime\r\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->subprotocol, "realtime");
  EXPECT_TRUE(found->client.on);
  EXPECT_EQ(terms({}, "Sec-WebSocket-Protocol: a, b\r\n").error(), errc::malformed);
  EXPECT_EQ(terms({}, "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n").error(), errc::malformed);
  EXPECT_EQ(terms({}, "Sec-WebSocket-Protocol:\r\n").error(), errc::malformed);
}

}  // namespace
}  // namespace net::wire
