#include "app/ledger_api/usage_verify.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

namespace app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

usage::rereading one_of_three() {
  usage::rereading found;
  found.read = 3;
  found.differing = 1;
  usage::reread_difference& row = found.differences.emplace_back();
  row.id = 17;
  row.started_at = 1'700'000'040'000;
  row.host = "h";
  row.model = "m";
  row.booked.output_total = 9;
  row.reread.output_total = 59;
  row.reread.thinking = 4;
  return found;
}

TEST(usage_verify, a_row_is_told_by_what_is_booked_and_what_is_read) {
  const auto document = render_verification(one_of_three(), {});
  EXPECT_FALSE(verified(document));
  EXPECT_EQ(document.at("differing").to_number<int>(), 1);
  const auto& row = document.at("data").at(0);
  EXPECT_EQ(row.at("exchange_id").to_number<int>(), 17);
  EXPECT_EQ(row.at("started_at").to_number<std::int64_t>(), 1'700'000'040);
  EXPECT_EQ(row.at("booked").at("output_tokens").to_number<int>(), 9);
  EXPECT_TRUE(row.at("booked").at("thinking_tokens").is_null());
  EXPECT_EQ(row.at("reread").at("thinking_tokens").to_number<int>(), 4);
}

TEST(usage_verify, the_text_says_what_changes_and_what_to_do) {
  const auto words = verification_text(render_verification(one_of_three(), {}));
  EXPECT_THAT(words, HasSubstr("! row 17 (2023-11-14 22:14:00 UTC, m): output_tokens 9 -> 59, "
                               "thinking_tokens not reported -> 4\n"));
  EXPECT_THAT(words, HasSubstr("ledger DIFFERS: 3 rows read again, 1 differ; --apply"));
}

TEST(usage_verify, more_than_is_told_is_counted) {
  auto found = one_of_three();
  found.differing = 12;
  EXPECT_THAT(verification_text(render_verification(found, {})), HasSubstr("… and 11 more\n"));
}

TEST(usage_verify, a_verified_ledger_says_so_and_what_was_corrected) {
  usage::rereading found;
  found.read = 2;
  const auto document = render_verification(found, {.rows = 5, .more = false});
  EXPECT_TRUE(verified(document));
  EXPECT_EQ(verification_text(document), "ledger verified: 2 rows read again, 0 differ, 5 corrected\n");
}

TEST(usage_verify, the_text_takes_any_document_and_shows_no_escape) {
  const auto words = verification_text(
      boost::json::parse(
          R"({"data":[1,{"started_at":9223372036854775807,"model":"\u001b[31m","booked":{"a":"\u001b"},"reread":{"a":1}}]})")
          .as_object());
  EXPECT_THAT(words, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace app
