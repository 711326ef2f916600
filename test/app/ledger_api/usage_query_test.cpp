#include "app/ledger_api/usage_query.hpp"

#include <gmock/gmock.h>

namespace app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using usage::bucket_width;
using usage::group_by;

TEST(usage_query, without_parameters_is_everything_by_model_and_conversation) {
  const usage_query parsed = parse_usage_query("").value();
  EXPECT_FALSE(parsed.range.start || parsed.range.end);
  EXPECT_THAT(parsed.groups, ElementsAre(group_by::model, group_by::conversation));
}

TEST(usage_query, group_by_selects_and_may_be_repeated) {
  EXPECT_THAT(parse_usage_query("group_by=host").value().groups, ElementsAre(group_by::host));
  EXPECT_THAT(parse_usage_query("group_by[]=status&group_by%5B%5D=model&group_by=status").value().groups,
              ElementsAre(group_by::status, group_by::model));
}

TEST(usage_query, times_are_unix_seconds) {
  const usage_query parsed = parse_usage_query("start_time=10&&end_time=%320").value();
  EXPECT_EQ(parsed.range.start, 10);
  EXPECT_EQ(parsed.range.end, 20);
}

TEST(exchange_query, is_a_page_of_the_newest_rows) {
  const usage::exchange_query parsed = parse_exchange_query("").value();
  EXPECT_EQ(parsed.limit, default_exchange_rows);
  EXPECT_FALSE(parsed.after || parsed.ascending);
}

TEST(exchange_query, takes_a_cursor_and_an_order) {
  const usage::exchange_query parsed = parse_exchange_query("limit=5&after=77&order=asc").value();
  EXPECT_EQ(parsed.limit, 5);
  EXPECT_EQ(parsed.after, 77);
  EXPECT_TRUE(parsed.ascending);
}

struct refused_query {
  const char* query;
  const char* param;
  const char* words;
};

void expect_refused(const query_error& error, const refused_query& each) {
  EXPECT_EQ(error.status, 400u);
  EXPECT_EQ(error.param, each.param);
  EXPECT_THAT(error.message, HasSubstr(each.words));
}

TEST(usage_query, refuses_in_words) {
  for (const refused_query& each :
       {refused_query{"start_time=yesterday", "start_time", "Unix seconds"},
        refused_query{"start_time=-1", "start_time", "Unix seconds"},
        refused_query{"end_time=99999999999999999999", "end_time", "Unix seconds"},
        refused_query{"end_time=253402300800", "end_time", "Unix seconds"},
        refused_query{"start_time=5&end_time=5", "end_time", "after start_time"},
        refused_query{"group_by=colour", "group_by", "model, conversation, host, status, process or rule"},
        refused_query{"group_by", "group_by", "model"}, refused_query{"from=3", "from", "Unknown parameter: 'from'"}}) {
    SCOPED_TRACE(each.query);
    const auto parsed = parse_usage_query(each.query);
    ASSERT_FALSE(parsed.has_value());
    expect_refused(parsed.error(), each);
  }
}

TEST(exchange_query, refuses_in_words) {
  for (const refused_query& each :
       {refused_query{"limit=0", "limit", "from 1 to 1000"}, refused_query{"limit=1001", "limit", "from 1 to 1000"},
        refused_query{"after=x", "after", "integer"}, refused_query{"order=up", "order", "asc or desc"},
        refused_query{"before=1", "before", "Unknown parameter"}}) {
    SCOPED_TRACE(each.query);
    const auto parsed = parse_exchange_query(each.query);
    ASSERT_FALSE(parsed.has_value());
    expect_refused(parsed.error(), each);
  }
}

TEST(completions_query, a_week_of_days_is_usual) {
  const completions_query parsed = parse_completions_query("start_time=864000", 10'000'000).value();
  EXPECT_EQ(parsed.buckets.start, 864'000);
  EXPECT_EQ(parsed.buckets.end, 864'000 + 7 * 86'400);
  EXPECT_EQ(parsed.buckets.width, bucket_width::day);
  EXPECT_FALSE(parsed.buckets.by_model);
  EXPECT_EQ(parsed.next_start, 864'000 + 7 * 86'400);
}

TEST(completions_query, pages_follow_one_another_to_the_end) {
  const std::string query =
      "start_time=7199&end_time=25201&bucket_width=1h&limit=2&group_by[]=model&group_by=project_id";
  std::vector<std::int64_t> starts;
  std::string page;
  for (int pages = 0; pages < 10; ++pages) {
    const completions_query parsed = parse_completions_query(query + page, 99'999'999).value();
    EXPECT_TRUE(parsed.buckets.by_model);
    for (std::int64_t at = parsed.buckets.start; at < parsed.buckets.end; at += 3600) starts.push_back(at);
    if (!parsed.next_start) break;
    page = "&page=" + page_token(*parsed.next_start);
  }
  EXPECT_THAT(starts, ElementsAre(3600, 7200, 10'800, 14'400, 18'000, 21'600, 25'200));
}

TEST(completions_query, without_an_end_it_ends_now) {
  const completions_query parsed = parse_completions_query("start_time=0&bucket_width=1m&limit=1440", 150).value();
  EXPECT_EQ(parsed.buckets.end, 150);
  EXPECT_FALSE(parsed.next_start);
}

TEST(completions_query, a_start_in_the_future_is_an_empty_page) {
  const completions_query parsed = parse_completions_query("start_time=86400", 50).value();
  EXPECT_EQ(parsed.buckets.start, parsed.buckets.end);
  EXPECT_FALSE(parsed.next_start);
}

TEST(completions_query, refuses_in_words) {
  for (const refused_query& each :
       {refused_query{"", "start_time", "Missing required parameter"},
        refused_query{"start_time=5&end_time=4", "end_time", "after start_time"},
        refused_query{"start_time=5&bucket_width=1w", "bucket_width", "1m, 1h or 1d"},
        refused_query{"start_time=5&limit=32", "limit", "from 1 to 31 with bucket_width=1d"},
        refused_query{"start_time=5&limit=169&bucket_width=1h", "limit", "from 1 to 168"},
        refused_query{"start_time=5&limit=1441&bucket_width=1m", "limit", "from 1 to 1440"},
        refused_query{"start_time=5&limit=0", "limit", "from 1"},
        refused_query{"start_time=5&page=AAA", "page", "next_page"},
        refused_query{"start_time=5&group_by=host", "group_by", "project_id"},
        refused_query{"start_time=5&models=gpt-5", "models", "Unknown parameter"}}) {
    SCOPED_TRACE(each.query);
    const auto parsed = parse_completions_query(each.query, 1000);
    ASSERT_FALSE(parsed.has_value());
    expect_refused(parsed.error(), each);
  }
}

TEST(reconcile_query, a_conversation_a_time_and_a_limit) {
  const reconcile_query usual = parse_reconcile_query("").value();
  EXPECT_EQ(usual.conversation, "");
  EXPECT_EQ(usual.limit, default_reconciled);
  const reconcile_query parsed = parse_reconcile_query("conversation=a%2Fb&start_time=5&limit=7").value();
  EXPECT_EQ(parsed.conversation, "a/b");
  EXPECT_EQ(parsed.start_time, 5);
  EXPECT_EQ(parsed.limit, 7);
  for (const char* wrong : {"conversation=", "limit=0", "limit=1001", "start_time=x", "end_time=5"})
    EXPECT_TRUE(parse_reconcile_query(wrong).has_error()) << wrong;
}

TEST(verify_query, only_what_may_change_rows_takes_the_word_for_it_and_needs_it) {
  EXPECT_EQ(parse_verify_query("", false).value().limit, default_verified);
  EXPECT_EQ(parse_verify_query("limit=7&apply=1", true).value().limit, 7);
  for (const char* wrong : {"apply=1", "limit=0", "limit=1001", "start_time=5"})
    EXPECT_TRUE(parse_verify_query(wrong, false).has_error()) << wrong;
  for (const char* wrong : {"", "apply=0", "apply=", "limit=7"})
    EXPECT_TRUE(parse_verify_query(wrong, true).has_error()) << wrong;
}

}  // namespace
}  // namespace app
