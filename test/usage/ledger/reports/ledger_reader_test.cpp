#include "usage/ledger/reports/ledger_reader.hpp"

#include <gmock/gmock.h>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::ElementsAre;

std::vector<time_range> odd_ranges(std::uint64_t seed, std::size_t count, std::int64_t hours) {
  std::vector<time_range> ranges{{},
                                 {epoch_s, std::nullopt},
                                 {std::nullopt, epoch_s + 3600},
                                 {epoch_s + 1, epoch_s + 3599},
                                 {epoch_s + 3599, epoch_s + 3601},
                                 {epoch_s + 3600, epoch_s + 3600},
                                 {epoch_s + 7200, epoch_s + 3600},
                                 {-5, 1ll << 60}};
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::int64_t> at(epoch_s - 5000, epoch_s + hours * 3600 + 5000);
  while (ranges.size() < count) ranges.push_back({at(random), at(random)});
  return ranges;
}

std::string words(const time_range& range) {
  const auto edge = [](const std::optional<std::int64_t>& at) { return at ? std::to_string(*at - epoch_s) : "open"; };
  return edge(range.start) + " … " + edge(range.end);
}

TEST(ledger_reader, reports_are_the_sums_of_the_rows_in_any_range) {
  const temporary_ledger home;
  const auto rows = random_rows(7, 2000, 30);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  ledger_reader reader = home.reader();
  for (const time_range& range : odd_ranges(8, 60, 30)) {
    SCOPED_TRACE(words(range));
    time_range plain = range;
    if (range.end && *range.end > 1ll << 40) plain.end.reset();
    const usage_summary summary = reader.summary(every_group, range).value();
    EXPECT_EQ(summary.totals, expected_totals(plain, rows));
    EXPECT_EQ(summary.totals, reader.totals(range).value());
    for (const auto& [by, groups] : summary.groups) EXPECT_EQ(by_key(groups), expected_groups(by, plain, rows));
  }
}

/// Every way in which the edges can lie: on a day, on an hour, on a second of one; with and without a day between.
TEST(ledger_reader, reports_are_the_sums_of_the_rows_in_any_range_of_days) {
  const temporary_ledger home;
  const auto rows = random_rows(13, 3000, 9 * 24);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  ledger_reader reader = home.reader();
  std::mt19937_64 random(14);
  const auto edge = [&] {
    const std::int64_t widths[] = {1, 3600, 86400};
    const auto at = std::uniform_int_distribution<std::int64_t>(0, 10 * 86400)(random);
    const auto width = widths[random() % 3];
    return epoch_s + at / width * width + static_cast<std::int64_t>(random() % 3) - 1;
  };
  for (int i = 0; i < 200; ++i) {
    time_range range;
    if (i % 7 != 0) range.start = edge();
    if (i % 5 != 0) range.end = edge();
    SCOPED_TRACE(words(range));
    const usage_summary summary = reader.summary(every_group, range).value();
    EXPECT_EQ(summary.totals, expected_totals(range, rows));
    for (const auto& [by, groups] : summary.groups) EXPECT_EQ(by_key(groups), expected_groups(by, range, rows));
  }
}

TEST(ledger_reader, whole_days_come_from_their_own_sums_alone) {
  const temporary_ledger home;
  const auto rows = random_rows(15, 1000, 6 * 24);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  const std::string inside = " WHERE hour BETWEEN 480024 AND 480095";
  raw_database(home.options.file)
      .run("DELETE FROM exchanges; DELETE FROM rollup_hour" + inside + "; DELETE FROM rollup_process" + inside +
           "; DELETE FROM rollup_rule" + inside);
  const time_range range{epoch_s + 20 * 3600, epoch_s + 100 * 3600};
  ledger_reader reader = home.reader();
  EXPECT_EQ(reader.totals(range).value(), expected_totals(range, rows));
  for (const group_by by : {group_by::model, group_by::host, group_by::status, group_by::process, group_by::rule})
    EXPECT_EQ(by_key(reader.report(by, range).value()), expected_groups(by, range, rows));
  const auto buckets = reader.buckets({epoch_s + 86400, epoch_s + 3 * 86400, bucket_width::day, false}).value();
  ASSERT_EQ(buckets.size(), 2u);
  for (const usage_bucket& bucket : buckets)
    EXPECT_EQ(bucket.groups.at(0).totals, expected_totals({bucket.start, bucket.end}, rows));
}

TEST(ledger_reader, whole_hours_come_from_the_roll_ups_alone) {
  const temporary_ledger home;
  const auto rows = random_rows(9, 300, 6);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  raw_database(home.options.file).run("DELETE FROM exchanges");
  const time_range range{epoch_s + 3600, epoch_s + 4 * 3600};
  EXPECT_EQ(home.reader().totals(range).value(), expected_totals(range, rows));
}

TEST(ledger_reader, groups_come_last_used_first) {
  const temporary_ledger home;
  const std::array rows{model_call(epoch, "old", 900, 1), model_call(epoch + 2 * hour, "new", 1, 1),
                        model_call(epoch + hour, "middle", 1, 1)};
  ASSERT_TRUE(home.open().insert(rows).has_value());
  std::vector<std::string> keys;
  for (const auto& group : home.reader().report(group_by::model, {}).value()) keys.push_back(group.key);
  EXPECT_THAT(keys, ElementsAre("new", "middle", "old"));
}

TEST(ledger_reader, a_report_lists_a_bounded_number_of_groups_and_totals_count_the_rest) {
  const temporary_ledger home;
  std::vector<usage_record> rows;
  for (std::int64_t i = 0; i < max_report_groups + 5; ++i) {
    rows.push_back(model_call(epoch + i, "m", 1, 1));
    rows.back().conversation = "c" + std::to_string(i);
  }
  ASSERT_TRUE(home.open().insert(rows).has_value());
  const std::array by{group_by::conversation};
  const usage_summary summary = home.reader().summary(by, {}).value();
  EXPECT_EQ(summary.groups[0].second.size(), static_cast<std::size_t>(max_report_groups));
  EXPECT_EQ(summary.totals.requests, max_report_groups + 5);
}

/// Far more of them than a report lists; some are used again and again.
TEST(ledger_reader, conversations_of_a_range_are_those_used_last_in_it) {
  const temporary_ledger home;
  auto rows = random_rows(16, 6000, 5 * 24);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].conversation = "c" + std::to_string(i * i % 4001);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  ledger_reader reader = home.reader();
  std::mt19937_64 random(17);
  std::uniform_int_distribution<std::int64_t> at(epoch_s, epoch_s + 5 * 86400);
  bool some_are_left_out = false;
  for (int i = 0; i < 60; ++i) {
    time_range range{at(random), at(random)};
    if (i % 4 == 0) range.end.reset();
    SCOPED_TRACE(words(range));
    std::vector<usage_group> expected;
    for (const auto& [key, group] : expected_groups(group_by::conversation, range, rows)) expected.push_back(group);
    std::ranges::sort(expected, [](const usage_group& a, const usage_group& b) {
      return a.last_at != b.last_at ? a.last_at > b.last_at : a.key < b.key;
    });
    some_are_left_out |= expected.size() > static_cast<std::size_t>(max_report_groups);
    if (expected.size() > static_cast<std::size_t>(max_report_groups)) expected.resize(max_report_groups);
    EXPECT_EQ(reader.report(group_by::conversation, range).value(), expected);
  }
  EXPECT_TRUE(some_are_left_out);
}

TEST(ledger_reader, conversations_whose_rows_are_gone_come_from_their_hours) {
  const temporary_ledger home;
  const auto rows = random_rows(18, 1000, 4 * 24);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  raw_database(home.options.file).run("DELETE FROM exchanges");
  const time_range range{epoch_s + 5 * 3600, epoch_s + 77 * 3600};
  EXPECT_EQ(by_key(home.reader().report(group_by::conversation, range).value()),
            expected_groups(group_by::conversation, range, rows));
}

std::vector<std::int64_t> ids(const exchange_page& page) {
  std::vector<std::int64_t> listed;
  for (const auto& row : page.rows) listed.push_back(row.id);
  return listed;
}

TEST(ledger_reader, pages_run_through_the_rows_either_way) {
  const temporary_ledger home;
  ASSERT_TRUE(home.open().insert(random_rows(10, 5, 1)).has_value());
  ledger_reader reader = home.reader();
  const auto first = reader.exchanges({2, std::nullopt, false}).value();
  EXPECT_THAT(ids(first), ElementsAre(5, 4));
  EXPECT_TRUE(first.has_more);
  const auto last = reader.exchanges({3, 4, false}).value();
  EXPECT_THAT(ids(last), ElementsAre(3, 2, 1));
  EXPECT_FALSE(last.has_more);
  const auto rising = reader.exchanges({2, 2, true}).value();
  EXPECT_THAT(ids(rising), ElementsAre(3, 4));
  EXPECT_TRUE(rising.has_more);
  EXPECT_TRUE(reader.exchanges({2, 5, true}).value().rows.empty());
}

TEST(ledger_reader, the_last_exchange_is_the_latest_and_none_is_none) {
  const temporary_ledger home;
  ledger store = home.open();
  EXPECT_EQ(home.reader().last_exchange_at().value(), std::nullopt);
  const std::array rows{model_call(epoch + 3 * hour + 17, "a", 1, 1), model_call(epoch, "b", 1, 1)};
  ASSERT_TRUE(store.insert(rows).has_value());
  EXPECT_EQ(home.reader().last_exchange_at().value(), epoch + 3 * hour + 17);
}

TEST(ledger_reader, buckets_of_every_width_hold_what_happened_in_them) {
  const temporary_ledger home;
  const auto rows = random_rows(11, 800, 60);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  ledger_reader reader = home.reader();
  for (const bucket_width width : {bucket_width::minute, bucket_width::hour, bucket_width::day}) {
    const auto buckets = reader.buckets({epoch_s + 1, epoch_s + 20 * 3600 + 1, width, true}).value();
    const std::int64_t seconds = seconds_of(width);
    ASSERT_EQ(buckets.front().start, (epoch_s + 1) / seconds * seconds);
    ASSERT_GE(buckets.back().end, epoch_s + 20 * 3600 + 1);
    for (const usage_bucket& bucket : buckets) {
      EXPECT_EQ(bucket.end - bucket.start, seconds);
      const auto expected = expected_groups(group_by::model, {bucket.start, bucket.end}, rows);
      ASSERT_EQ(bucket.groups.size(), expected.size());
      for (const auto& group : bucket.groups) EXPECT_EQ(group.totals, expected.at(group.key).totals);
    }
  }
}

TEST(ledger_reader, ungrouped_buckets_have_one_group_and_empty_ones_none) {
  const temporary_ledger home;
  const std::array rows{model_call(epoch, "a", 1, 2), model_call(epoch + 1, "b", 10, 20)};
  ASSERT_TRUE(home.open().insert(rows).has_value());
  const auto buckets = home.reader().buckets({epoch_s, epoch_s + 7200, bucket_width::hour, false}).value();
  ASSERT_EQ(buckets.size(), 2u);
  ASSERT_EQ(buckets[0].groups.size(), 1u);
  EXPECT_EQ(buckets[0].groups[0].key, "");
  EXPECT_EQ(buckets[0].groups[0].totals.input_tokens, 11);
  EXPECT_TRUE(buckets[1].groups.empty());
}

TEST(ledger_reader, an_endless_range_of_buckets_ends) {
  const temporary_ledger home;
  home.open();
  const auto buckets = home.reader().buckets({0, 1ll << 60, bucket_width::minute, false}).value();
  EXPECT_EQ(buckets.size(), static_cast<std::size_t>(max_report_buckets));
}

TEST(ledger_reader, a_summary_sees_one_moment) {
  const temporary_ledger home;
  ledger store = home.open();
  const auto rows = random_rows(12, 50, 2);
  ASSERT_TRUE(store.insert(rows).has_value());
  ledger_reader before = home.reader();
  ASSERT_EQ(before.totals({}).value(), expected_totals({}, rows));
  const usage_record more = model_call(epoch, "more", 1, 1);
  ASSERT_TRUE(store.insert(std::span(&more, 1)).has_value());
  const usage_summary after = before.summary(every_group, {}).value();
  for (const auto& [by, groups] : after.groups) {
    if (by == group_by::rule) continue;  // most rows have none
    std::int64_t requests = 0;
    for (const auto& group : groups) requests += group.totals.requests;
    EXPECT_EQ(requests, after.totals.requests);
  }
}

TEST(ledger_reader, a_reader_does_not_create_a_ledger) {
  const temporary_ledger home;
  EXPECT_FALSE(ledger_reader::open(home.options).has_value());
  EXPECT_FALSE(std::filesystem::exists(home.options.file));
}

TEST(ledger_reader, a_range_that_holds_everything_needs_neither_rows_nor_hours) {
  temporary_ledger at;
  ledger store = at.open();
  const auto rows = random_rows(8, 200, 30);
  store.insert(rows).value();
  raw_database raw(at.options.file);
  raw.run(
      "DELETE FROM exchanges; DELETE FROM rollup_conversation; DELETE FROM rollup_process; DELETE FROM rollup_rule;"
      "DELETE FROM rollup_hour WHERE hour NOT IN (SELECT min(hour) FROM rollup_hour UNION SELECT max(hour) FROM "
      "rollup_hour)");
  auto reader = at.reader();
  for (const time_range& range : {time_range{}, time_range{0, {}}, time_range{epoch_s, epoch_s + 30 * 3600}})
    for (const group_by by : every_group)
      EXPECT_EQ(by_key(reader.report(by, range).value()), expected_groups(by, {}, rows));
  EXPECT_EQ(reader.totals({epoch_s + 10 * 3600, epoch_s + 20 * 3600}).value(), usage_totals{})
      << "the hours themselves are not there to be added up";
}

TEST(ledger_reader, reading_ends_early_once_it_is_to_stop) {
  temporary_ledger at;
  ledger store = at.open();
  store.insert(random_rows(9, 2000, 100)).value();
  auto reader = at.reader();
  std::stop_source stop;
  reader.interrupt_by(stop.get_token());
  EXPECT_TRUE(reader.report(group_by::conversation, {epoch_s + 7201, {}}).has_value());
  stop.request_stop();
  const auto interrupted = reader.report(group_by::conversation, {epoch_s + 7201, {}});
  ASSERT_TRUE(interrupted.has_error());
  EXPECT_EQ(interrupted.error().sqlite_code, SQLITE_INTERRUPT);
  reader.interrupt_by({});
  EXPECT_TRUE(reader.report(group_by::conversation, {epoch_s + 7201, {}}).has_value());
}

TEST(ledger_reader, its_version_changes_with_what_others_write) {
  temporary_ledger at;
  ledger store = at.open();
  auto reader = at.reader();
  const auto before = reader.version().value();
  EXPECT_EQ(reader.version().value(), before);
  store.insert(random_rows(10, 1, 1)).value();
  EXPECT_NE(reader.version().value(), before);
}

}  // namespace
}  // namespace usage
