#include "app/openai/data_url.hpp"

#include <gtest/gtest.h>

namespace app::openai {
namespace {

TEST(data_url, the_type_is_in_lower_case_and_without_parameters) {
  const auto url = decode_data_url("DATA:Image/JPEG;name=\"a\";Base64,Zm9v", 100);
  ASSERT_TRUE(url);
  EXPECT_EQ(url->mime, "image/jpeg");
  EXPECT_EQ(url->bytes, "foo");
}

TEST(data_url, other_urls_and_encodings_are_refused) {
  for (const char* bad :
       {"", "data:", "data:image/png;base64", "data:image/png,Zm9v", "http://x/,", "date:image/png;base64,Zm9v"})
    EXPECT_FALSE(decode_data_url(bad, 100)) << bad;
}

TEST(data_url, the_limit_is_of_decoded_bytes) {
  EXPECT_TRUE(decode_data_url("data:image/png;base64,Zm9vYg==", 4));
  EXPECT_FALSE(decode_data_url("data:image/png;base64,Zm9vYg==", 3));
  EXPECT_FALSE(decode_data_url("data:image/png;base64," + std::string(1 << 20, 'A'), 100));
}

}  // namespace
}  // namespace app::openai
