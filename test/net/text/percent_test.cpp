#include "net/text/percent.hpp"

#include <gtest/gtest.h>

namespace net::text {
namespace {

TEST(percent, a_stray_percent_sign_stays) {
  EXPECT_EQ(percent_decoded("a%2fb%zz%4"), "a/b%zz%4");
  EXPECT_EQ(percent_decoded("%41"), "A");
}

TEST(percent, all_but_unreserved_and_kept_characters_are_encoded) {
  EXPECT_EQ(percent_encoded("aZ09-._~/@\xff"), "aZ09-._~%2F%40%FF");
  EXPECT_EQ(percent_encoded("@/", "@"), "@%2F");
}

TEST(percent, fields_come_off_a_form_decoded) {
  std::string_view form = "a=1+2&b%5B%5D=%26&c&d=";
  for (const auto& [name, value] :
       {std::pair{"a", "1 2"}, std::pair{"b[]", "&"}, std::pair{"c", ""}, std::pair{"d", ""}}) {
    const auto field = take_form_field(form);
    EXPECT_EQ(field.name, name);
    EXPECT_EQ(field.value, value);
  }
  EXPECT_EQ(form, "");
}

}  // namespace
}  // namespace net::text
