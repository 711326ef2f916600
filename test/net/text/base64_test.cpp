#include "net/text/base64.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace net::text {
namespace {

TEST(base64, the_examples_of_the_standard_decode) {
  EXPECT_EQ(base64_decoded(""), "");
  EXPECT_EQ(base64_decoded("Zg=="), "f");
  EXPECT_EQ(base64_decoded("Zm8="), "fo");
  EXPECT_EQ(base64_decoded("Zm9v"), "foo");
  EXPECT_EQ(base64_decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(base64_decoded("Zm9vYmE"), "fooba") << "padding may be left away";
  EXPECT_EQ(base64_decoded("+/+/"), "\xfb\xff\xbf");
}

TEST(base64, what_is_no_base64_is_refused) {
  for (const char* bad : {"Z", "Zm9vY", "Zm9 v", "Zm\n9v", "Zg=a", "Zm9v====", "=", "-_-_"})
    EXPECT_FALSE(base64_decoded(bad) && *bad != '=') << bad;
}

TEST(base64, what_is_encoded_decodes_to_itself) {
  EXPECT_EQ(base64_encoded("f"), "Zg==");
  EXPECT_EQ(base64_encoded("fo"), "Zm8=");
  EXPECT_EQ(base64_encoded("foo"), "Zm9v");
  EXPECT_EQ(base64_encoded("\xfb\xff\xbf"), "+/+/");
  for (const std::string_view bytes : {"", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(base64_decoded(base64_encoded(bytes)), bytes);
  }
}

}  // namespace
}  // namespace net::text
