#include "net/text/ascii.hpp"

#include <gtest/gtest.h>

namespace net::text {
namespace {

TEST(ascii, iequals_folds_ascii_letters_and_nothing_else) {
  EXPECT_TRUE(iequals("Content-Length", "cONTENT-lENGTH"));
  EXPECT_TRUE(iequals("", ""));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("[", "{"));  // they differ in the bit that tells the cases of a letter apart
  EXPECT_FALSE(iequals("\xc4", "\xe4"));
}

TEST(ascii, other_case_is_for_ascii_letters_only) {
  EXPECT_EQ(lowered("AZ[\xc4z"), "az[\xc4z");
  EXPECT_EQ(uppered("az{\xe4Z"), "AZ{\xe4Z");
}

TEST(ascii, items_come_off_a_list_trimmed) {
  std::string_view list = " a ,\tb,, c";
  for (const std::string_view item : {"a", "b", "", "c"}) EXPECT_EQ(take_item(list), item);
  EXPECT_EQ(list, "");
}

}  // namespace
}  // namespace net::text
