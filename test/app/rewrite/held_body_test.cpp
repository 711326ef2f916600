#include "app/rewrite/held_body.hpp"

#include <gmock/gmock.h>

#include "test/app/rewrite/rule_fixture.hpp"
#include "test/usage/compress.hpp"
#include "usage/content/errc.hpp"

namespace app::rewrite {
namespace {

TEST(held_body, fields_of_one_name_are_one_list_of_codings) {
  const auto request = chat_request(usage::compress::brotli(usage::compress::gzip("{}")),
                                    {{"Content-Encoding", "gzip"}, {"content-encoding", "br"}});
  EXPECT_EQ(decoded_body(request, 100).value(), "{}");
  auto again = request;
  again.body = encoded_body(request, "[1]").value();
  EXPECT_EQ(decoded_body(again, 100).value(), "[1]");
}

TEST(held_body, what_is_no_json_is_no_body_to_change) {
  EXPECT_EQ(decoded_body(chat_request(""), 100).error(), errc::not_json);
  EXPECT_EQ(decoded_body(chat_request("a=b"), 100).error(), errc::not_json);
}

TEST(held_body, a_coding_that_cannot_be_undone_says_so) {
  EXPECT_EQ(decoded_body(chat_request("{}", {{"content-encoding", "compress"}}), 100).error(),
            usage::errc::unsupported);
  EXPECT_EQ(decoded_body(chat_request("{}", {{"content-encoding", "gzip"}}), 100).error(), usage::errc::malformed);
  const auto whole = usage::compress::gzip("{\"a\":\"bcdefgh\"}");
  EXPECT_EQ(decoded_body(chat_request(whole.substr(0, whole.size() - 9), {{"content-encoding", "gzip"}}), 100).error(),
            usage::errc::truncated);
  EXPECT_EQ(decoded_body(chat_request(whole, {{"content-encoding", "gzip"}}), 10).error(), usage::errc::too_large);
}

}  // namespace
}  // namespace app::rewrite
