#include "usage/ledger/retention.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage {
namespace {

using namespace testing;

constexpr std::int64_t day = 24 * hour;

std::int64_t retain(ledger& store, std::int64_t now) {
  std::int64_t deleted = 0;
  for (int step = 0; step < 1000; ++step) {
    const retention_outcome outcome = store.apply_retention(now).value();
    deleted += outcome.deleted;
    if (!outcome.more) return deleted;
  }
  ADD_FAILURE() << "retention does not end";
  return deleted;
}

std::int64_t stored_rows(const temporary_ledger& home) {
  return std::stoll(raw_database(home.options.file).run("SELECT count(*) FROM exchanges"));
}

TEST(retention, old_rows_go_and_every_total_stays) {
  temporary_ledger home;
  home.options.retention_days = 10;
  ledger store = home.open();
  const auto rows = random_rows(20, 2500, 48);
  ASSERT_TRUE(store.insert(rows).has_value());
  ledger_reader reader = home.reader();
  const usage_summary before = reader.summary(every_group, {}).value();

  const std::int64_t deleted = retain(store, epoch + 10 * day + 24 * hour + hour / 2);
  const std::int64_t expected =
      std::count_if(rows.begin(), rows.end(), [](const auto& r) { return r.started_at < epoch + 24 * hour; });
  EXPECT_EQ(deleted, expected);
  EXPECT_EQ(stored_rows(home), static_cast<std::int64_t>(rows.size()) - expected);

  const usage_summary after = reader.summary(every_group, {}).value();
  EXPECT_EQ(after.totals, before.totals);
  EXPECT_EQ(after.groups, before.groups);
  const time_range hours{epoch_s + 3600, epoch_s + 40 * 3600};
  EXPECT_EQ(reader.totals(hours).value(), expected_totals(hours, rows));
}

TEST(retention, days_of_which_the_rows_are_gone_stay_in_every_range) {
  temporary_ledger home;
  home.options.retention_days = 2;
  ledger store = home.open();
  const auto rows = random_rows(26, 1500, 6 * 24);
  ASSERT_TRUE(store.insert(rows).has_value());
  retain(store, epoch + 6 * day);
  ASSERT_LT(stored_rows(home), 800);
  ledger_reader reader = home.reader();
  for (std::int64_t first = 0; first < 6 * 24; first += 5)
    for (std::int64_t last = first + 7; last < 6 * 24; last += 11) {
      const time_range range{epoch_s + first * 3600, epoch_s + last * 3600};
      const usage_summary summary = reader.summary(every_group, range).value();
      EXPECT_EQ(summary.totals, expected_totals(range, rows));
      for (const auto& [by, groups] : summary.groups) EXPECT_EQ(by_key(groups), expected_groups(by, range, rows));
    }
}

TEST(retention, ranges_with_odd_edges_still_add_up) {
  temporary_ledger home;
  home.options.retention_days = 1;
  ledger store = home.open();
  const auto rows = random_rows(21, 1500, 30);
  ASSERT_TRUE(store.insert(rows).has_value());
  retain(store, epoch + day + 15 * hour);
  ledger_reader reader = home.reader();
  std::mt19937_64 random(22);
  std::uniform_int_distribution<std::int64_t> at(epoch_s, epoch_s + 30 * 3600);
  for (int i = 0; i < 50; ++i) {
    const std::int64_t middle = at(random);
    const auto first = reader.totals({std::nullopt, middle}).value();
    const auto second = reader.totals({middle, std::nullopt}).value();
    EXPECT_EQ(first.requests + second.requests, expected_totals({}, rows).requests);
    EXPECT_EQ(first.output_tokens + second.output_tokens, expected_totals({}, rows).output_tokens);
    const time_range exact{middle, std::nullopt};
    if (middle >= epoch_s + 15 * 3600) {
      EXPECT_EQ(second, expected_totals(exact, rows));
    }
  }
}

TEST(retention, minutes_of_hours_without_rows_fall_into_the_first) {
  temporary_ledger home;
  home.options.retention_days = 1;
  ledger store = home.open();
  const std::array rows{model_call(epoch + 10 * 60'000, "m", 1, 1), model_call(epoch + 20 * 60'000, "m", 1, 1),
                        model_call(epoch + hour + 5 * 60'000, "m", 1, 1)};
  ASSERT_TRUE(store.insert(rows).has_value());
  retain(store, epoch + day + hour);
  const auto buckets = home.reader().buckets({epoch_s, epoch_s + 7200, bucket_width::minute, false}).value();
  ASSERT_EQ(buckets.size(), 120u);
  ASSERT_EQ(buckets[0].groups.size(), 1u);
  EXPECT_EQ(buckets[0].groups[0].totals.requests, 2);
  ASSERT_EQ(buckets[65].groups.size(), 1u);
  EXPECT_EQ(buckets[65].groups[0].totals.requests, 1);
}

TEST(retention, one_step_is_bounded) {
  temporary_ledger home;
  home.options.retention_days = 1;
  ledger store = home.open();
  const std::vector<usage_record> rows(retention_batch_rows + 10, model_call(epoch, "m", 1, 1));
  ASSERT_TRUE(store.insert(rows).has_value());
  const retention_outcome first = store.apply_retention(epoch + 3 * day).value();
  EXPECT_EQ(first.deleted, retention_batch_rows);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(home.reader().totals({epoch_s, epoch_s + 60}).value().requests, retention_batch_rows + 10);
  EXPECT_EQ(retain(store, epoch + 3 * day), 10);
}

TEST(retention, a_file_over_its_limit_loses_its_oldest_rows_and_shrinks) {
  temporary_ledger home;
  home.options.max_bytes = 1 << 20;
  ledger store = home.open();
  auto rows = random_rows(23, 4000, 40);
  for (usage_record& row : rows) row.raw_usage.assign(600, 'x');
  ASSERT_TRUE(store.insert(rows).has_value());
  ASSERT_TRUE(store.oversized().value());
  const usage_summary before = home.reader().summary(every_group, {}).value();

  EXPECT_GT(retain(store, epoch), 0);
  EXPECT_FALSE(store.oversized().value());
  const std::int64_t left = stored_rows(home);
  EXPECT_GT(left, 100);
  const std::int64_t oldest = std::stoll(raw_database(home.options.file).run("SELECT min(started_at) FROM exchanges"));
  EXPECT_EQ(left, std::count_if(rows.begin(), rows.end(), [&](const auto& r) { return r.started_at >= oldest; }));
  raw_database(home.options.file).run("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_LE(std::filesystem::file_size(home.options.file), 1u << 20);
  EXPECT_EQ(home.reader().summary(every_group, {}).value().groups, before.groups);
}

TEST(retention, a_limit_that_roll_ups_alone_exceed_ends_and_keeps_the_totals) {
  temporary_ledger home;
  home.options.max_bytes = 80 << 10;
  ledger store = home.open();
  auto rows = random_rows(24, 2000, 200);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].conversation = "conversation " + std::to_string(i);
  ASSERT_TRUE(store.insert(rows).has_value());
  EXPECT_EQ(retain(store, epoch), 2000);
  EXPECT_EQ(home.reader().totals({}).value(), expected_totals({}, rows));
  EXPECT_LT(home.reader().report(group_by::conversation, {}).value().size(), 1000u);
}

TEST(retention, ids_are_not_used_again) {
  temporary_ledger home;
  home.options.retention_days = 1;
  ledger store = home.open();
  const usage_record row = model_call(epoch, "m", 1, 1);
  ASSERT_TRUE(store.insert(std::span(&row, 1)).has_value());
  retain(store, epoch + 3 * day);
  ASSERT_EQ(stored_rows(home), 0);
  ASSERT_TRUE(store.insert(std::span(&row, 1)).has_value());
  EXPECT_EQ(home.reader().exchanges({}).value().rows.at(0).id, 2);
}

TEST(retention, young_rows_of_a_small_file_stay) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(random_rows(25, 100, 5)).has_value());
  const retention_outcome outcome = store.apply_retention(epoch + 30 * day).value();
  EXPECT_EQ(outcome.deleted, 0);
  EXPECT_FALSE(outcome.more);
  EXPECT_EQ(stored_rows(home), 100);
}

}  // namespace
}  // namespace usage
