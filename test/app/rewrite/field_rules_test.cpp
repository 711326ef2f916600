#include "app/rewrite/field_rules.hpp"

#include <gtest/gtest.h>

namespace app::rewrite {
namespace {

TEST(field_rules, names_are_tokens) {
  for (const auto* name : {"a", "X-Api_Key.1", "!#$%&'*+-.^_`|~"}) EXPECT_TRUE(is_field_name(name)) << name;
  for (const auto* name : {"", ":path", "a b", "a:", "\xc3\xa9", "a\n"}) EXPECT_FALSE(is_field_name(name)) << name;
}

TEST(field_rules, values_cannot_end_their_line) {
  for (const auto* value : {"", "a b", "\xc3\xa9", "a\"b"}) EXPECT_TRUE(is_field_value(value)) << value;
  for (const auto* value : {" a", "a ", "a\r\nb: c", "a\tb", "\x7f"}) EXPECT_FALSE(is_field_value(value)) << value;
}

TEST(field_rules, what_frames_a_message_is_not_for_rules) {
  for (const auto* name :
       {"host", "content-length", "transfer-encoding", "connection", "content-encoding", "te", "upgrade", "expect"}) {
    EXPECT_TRUE(is_framing_field(name)) << name;
  }
  for (const auto* name : {"user-agent", "authorization", "accept-encoding", "x-host"})
    EXPECT_FALSE(is_framing_field(name)) << name;
}

}  // namespace
}  // namespace app::rewrite
