#include "app/ledger_api/usage_routes.hpp"

#include "test/app/ledger_api/filled_ledger.hpp"

namespace app {
namespace {

using usage_routes_test = filled_ledger;

TEST_F(usage_routes_test, usage_is_summed_up_from_the_ledger_beside_what_has_been_intercepted) {
  start();
  const auto sums = json_of(get("/v1/usage?group_by=model"));
  EXPECT_EQ(sums.at("totals").at("requests").to_number<int>(), 3);
  EXPECT_EQ(sums.at("totals").at("input_tokens").to_number<int>(), 330);
  EXPECT_EQ(sums.at("models").as_array().size(), 2u);
  EXPECT_EQ(sums.at("interception").at("exchanges_seen").to_number<int>(), 0);
}

TEST_F(usage_routes_test, usage_of_a_time_is_of_that_time) {
  start();
  const auto first = json_of(get("/v1/usage?start_time=1700000040&end_time=1700000041"));
  EXPECT_EQ(first.at("totals").at("requests").to_number<int>(), 1);
}

TEST_F(usage_routes_test, what_was_not_read_before_the_start_is_listed_for_its_time) {
  const std::vector<usage::ledger_entry> before{
      usage::unread_note{"api.openai.com", "/v1/realtime", "upgraded", 2, 30, noon, noon + 1000}};
  ASSERT_TRUE(usage::ledger::open({.file = values_.ledger.file})->write(before).has_value());
  start();
  const auto unread = json_of(get("/v1/usage")).at("unread").as_array();
  ASSERT_EQ(unread.size(), 1u);
  EXPECT_EQ(unread[0].at("path").as_string(), "/v1/realtime");
  EXPECT_EQ(unread[0].at("connections").to_number<int>(), 2);
  EXPECT_TRUE(json_of(get("/v1/usage?start_time=1700000042")).at("unread").as_array().empty());
}

TEST_F(usage_routes_test, exchanges_come_row_by_row_and_page_by_page) {
  start();
  const auto page = json_of(get("/v1/usage/exchanges?limit=2&order=asc"));
  ASSERT_EQ(page.at("data").as_array().size(), 2u);
  EXPECT_TRUE(page.at("has_more").as_bool());
  const auto last = std::to_string(page.at("last_id").to_number<std::int64_t>());
  const auto next = json_of(get("/v1/usage/exchanges?limit=2&order=asc&after=" + last));
  EXPECT_EQ(next.at("data").as_array().size(), 1u);
  EXPECT_FALSE(next.at("has_more").as_bool());
}

TEST_F(usage_routes_test, completions_are_told_in_buckets_as_openai_does) {
  start();
  const auto page = json_of(get(
      "/v1/organization/usage/completions?start_time=1700000040&end_time=1700000160&bucket_width=1m&group_by=model"));
  ASSERT_EQ(page.at("data").as_array().size(), 2u);
  const auto& first = page.at("data").at(0).at("results").as_array();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].at("model").as_string(), "small");
  EXPECT_EQ(first[0].at("input_tokens").to_number<int>(), 30);
  EXPECT_EQ(first[0].at("num_model_requests").to_number<int>(), 2);
}

TEST_F(usage_routes_test, a_parameter_that_is_wrong_is_named) {
  start();
  EXPECT_EQ(param_of(get("/v1/usage?start_time=yesterday")), "start_time");
  EXPECT_EQ(param_of(get("/v1/usage/exchanges?limit=0")), "limit");
  EXPECT_EQ(param_of(get("/v1/organization/usage/completions?start_time=0&bucket_width=1y")), "bucket_width");
  EXPECT_EQ(param_of(get("/v1/usage/reconcile?limit=-1")), "limit");
}

TEST(report_key, is_the_same_for_the_same_target_alone) {
  api_request request;
  request.path = "/v1/usage";
  const auto plain = report_key(request);
  request.query = "group_by=model";
  EXPECT_NE(report_key(request), plain);
  EXPECT_EQ(report_key(request), "/v1/usage?group_by=model");
}

}  // namespace
}  // namespace app
