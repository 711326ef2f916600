#include "app/ledger_api/verify_routes.hpp"

#include "test/app/ledger_api/filled_ledger.hpp"
#include "usage/ledger/reports/ledger_reader.hpp"

namespace app {
namespace {

/// A ledger with rows of which some were booked with less output than their objects tell.
class verify_routes_test : public filled_ledger {
 protected:
  void book(std::int64_t count, std::int64_t output) {
    std::vector<usage::usage_record> rows;
    for (std::int64_t i = 0; i < count; ++i) {
      auto row = call("small", 100'000 + i, 10);
      row.raw_usage = R"({"promptTokenCount":10,"candidatesTokenCount":8})";
      row.tokens.cache_read = 0;
      row.tokens.output_total = output;
      rows.push_back(row);
    }
    usage::ledger_options options{.file = values_.ledger.file, .retention_days = 100'000};
    ASSERT_TRUE(usage::ledger::open(options)->insert(rows).has_value());
  }

  static std::int64_t number(const boost::json::value& in, const char* member) {
    return in.at(member).to_number<std::int64_t>();
  }
};

TEST_F(verify_routes_test, a_ledger_that_is_booked_as_it_is_read_is_verified_and_not_read_again) {
  book(2, 8);
  start();
  const auto first = json_of(get("/v1/usage/verify"));
  EXPECT_TRUE(first.at("verified").as_bool()) << first;
  EXPECT_EQ(number(first, "read"), 2);
  const auto second = json_of(get("/v1/usage/verify?limit=5"));
  EXPECT_EQ(number(second, "read"), 0);
  EXPECT_EQ(number(second, "verified_before"), 5);
}

TEST_F(verify_routes_test, looking_tells_and_changes_nothing) {
  book(3, 7);
  start();
  for (int i = 0; i < 2; ++i) {
    const auto found = json_of(get("/v1/usage/verify?limit=2"));
    EXPECT_FALSE(found.at("verified").as_bool());
    EXPECT_EQ(number(found, "differing"), 3);
    EXPECT_EQ(found.at("data").as_array().size(), 2u);
  }
  EXPECT_EQ(number(json_of(get("/v1/usage?group_by=model")).at("totals"), "output_tokens"), 3 + 21);
}

TEST_F(verify_routes_test, applying_corrects_rows_and_sums_in_batches) {
  const auto count = static_cast<std::int64_t>(corrections_at_once) * 2 + 3;
  book(count, 7);
  start();
  const auto made = json_of(post("/v1/usage/verify?apply=1", "{}"));
  EXPECT_TRUE(made.at("verified").as_bool());
  EXPECT_EQ(number(made, "corrected"), count);
  EXPECT_FALSE(made.at("has_more").as_bool());
  EXPECT_EQ(number(json_of(get("/v1/usage?group_by=model")).at("totals"), "output_tokens"), 3 + 8 * count);
  const auto last = json_of(get("/v1/usage/exchanges?limit=1")).at("data").at(0);
  EXPECT_EQ(number(last, "output_tokens"), 8);
  EXPECT_FALSE(last.at("corrected_at").is_null());
  EXPECT_EQ(number(json_of(post("/v1/usage/verify?apply=1", "{}")), "corrected"), 0);
}

TEST_F(verify_routes_test, only_a_post_that_says_so_applies) {
  start();
  EXPECT_EQ(param_of(get("/v1/usage/verify?apply=1")), "apply");
  EXPECT_EQ(param_of(post("/v1/usage/verify", "{}")), "apply");
}

}  // namespace
}  // namespace app
