#include "app/base/unread_line.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

TEST(unread_line, says_how_many_connections_to_what_and_why) {
  EXPECT_EQ(unread_line({"api.openai.com", "/v1/realtime", 2, "upgraded", "it went on in another protocol"}),
            "2 connections to api.openai.com/v1/realtime were not read: it went on in another protocol");
  EXPECT_EQ(unread_line({"192.0.2.1:443", "", 1, "client_hello", "x"}),
            "1 connection to 192.0.2.1:443 was not read: x");
}

TEST(unread_line, names_the_program_where_it_is_known) {
  EXPECT_EQ(unread_line({"api.openai.com", "", 1, "bypassed", "it refuses", "/usr/bin/java of uid 7"}),
            "1 connection to api.openai.com was not read: it refuses (/usr/bin/java of uid 7)");
}

TEST(unread_line, a_body_is_an_answer_and_not_a_connection) {
  EXPECT_EQ(unread_line({"h", "/p", 1, "body", "x"}), "1 answer of h/p was not read: x");
  EXPECT_EQ(unread_line({"h", "/p", 3, "body", "x"}), "3 answers of h/p were not read: x");
}

TEST(unread_line, what_comes_from_the_wire_cannot_steer_a_terminal) {
  EXPECT_EQ(unread_line({"h\n", "/\x1b[2J", 1, "tls", "x"}).find_first_of("\n\x1b"), std::string::npos);
}

}  // namespace
}  // namespace app
