#include "usage/ledger/rollups.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage::testing {
namespace {

/// What is in one of the two and not in the other, or counts differently there.
std::string differences(raw_database& raw, const std::string& dimension, const std::string& table,
                        const std::string& column) {
  const std::string sums =
      "sum(requests), sum(other_requests), sum(input_uncached), sum(cache_read), sum(cache_write), sum(output_total), "
      "sum(thinking), sum(errors), sum(interrupted), sum(unreported), sum(retries), min(first_at), max(last_at)";
  const std::string kept = "SELECT name, " + sums + " FROM rollup_total WHERE dimension = '" + dimension +
                           "' GROUP BY name HAVING sum(requests + other_requests) > 0";
  const std::string of_hours =
      "SELECT " + column + ", " + sums + " FROM " + table + " GROUP BY 1 HAVING sum(requests + other_requests) > 0";
  return raw.run("SELECT group_concat(name) FROM (SELECT * FROM (" + kept + " EXCEPT " + of_hours +
                 ") UNION ALL SELECT * FROM (" + of_hours + " EXCEPT " + kept + "))");
}

/// The same, day by day.
std::string differences_of_days(raw_database& raw, const std::string& dimension, const std::string& table) {
  const std::string sums =
      "sum(requests), sum(other_requests), sum(input_uncached), sum(cache_read), sum(cache_write), sum(output_total), "
      "sum(thinking), sum(errors), sum(interrupted), sum(unreported), sum(retries), min(first_at), max(last_at)";
  const std::string kept =
      "SELECT day, name, " + sums + " FROM rollup_day WHERE dimension = '" + dimension + "' GROUP BY day, name";
  const std::string of_hours = "SELECT hour / 24, " + dimension + ", " + sums + " FROM " + table + " GROUP BY 1, 2";
  return raw.run("SELECT group_concat(day || ' ' || name) FROM (SELECT * FROM (" + kept + " EXCEPT " + of_hours +
                 ") UNION ALL SELECT * FROM (" + of_hours + " EXCEPT " + kept + "))");
}

void expect_sums_of_all_hours(const temporary_ledger& at) {
  raw_database raw(at.options.file);
  for (const std::string each : {"model", "host", "status"})
    EXPECT_EQ(differences_of_days(raw, each, "rollup_hour"), "");
  for (const std::string each : {"process", "rule"}) EXPECT_EQ(differences_of_days(raw, each, "rollup_" + each), "");
  EXPECT_EQ(differences(raw, "all", "rollup_hour", "''"), "");
  for (const std::string each : {"model", "host", "status"}) EXPECT_EQ(differences(raw, each, "rollup_hour", each), "");
  for (const std::string each : {"conversation", "process", "rule"})
    EXPECT_EQ(differences(raw, each, "rollup_" + each, each), "");
}

TEST(rollups, sums_of_days_and_of_all_time_are_those_of_the_hours) {
  temporary_ledger at;
  ledger store = at.open();
  store.insert(random_rows(3, 400, 50)).value();
  store.insert(random_rows(4, 1, 50)).value();
  expect_sums_of_all_hours(at);
}

TEST(rollups, sums_of_days_and_of_all_time_stay_those_of_the_hours_when_rows_move_and_complete_each_other) {
  temporary_ledger at;
  ledger store = at.open();
  auto rows = random_rows(5, 120, 60);
  std::vector<ledger_entry> entries;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].row_key = static_cast<std::int64_t>(i) + 1;
    entries.emplace_back(rows[i]);
    placement where;
    where.row = static_cast<std::int64_t>(i * 7 % (i + 1)) + 1;
    where.conversation = "conversation-" + std::to_string(i % 5);
    where.rule = "response_id";
    entries.emplace_back(where);
    rows[i].tokens.output_total = 7;
    rows[i].row_key += 1000;
    if (i % 3 == 0) entries.emplace_back(rows[i]);  // again, by its response
  }
  store.write(entries).value();
  expect_sums_of_all_hours(at);
}

TEST(rollups, a_conversation_that_its_only_row_has_left_is_gone_from_the_sums_of_all_time) {
  temporary_ledger at;
  ledger store = at.open();
  auto row = model_call(epoch, "gpt-5", 1, 1);
  row.row_key = 1;
  row.conversation = "a";
  placement where;
  where.row = 1;
  where.conversation = "b";
  store.write(std::vector<ledger_entry>{row, where}).value();
  raw_database raw(at.options.file);
  EXPECT_EQ(raw.run("SELECT group_concat(name) FROM rollup_total WHERE dimension = 'conversation'"), "b");
}

TEST(rollups, what_a_limit_takes_from_the_hours_it_takes_from_the_sums_of_all_time) {
  temporary_ledger at;
  at.options.max_bytes = 1;
  ledger store = at.open();
  store.insert(random_rows(6, 500, 40)).value();
  while (store.apply_retention(epoch + 50 * hour).value().more) {
  }
  raw_database raw(at.options.file);
  EXPECT_EQ(raw.run("SELECT count(*) FROM rollup_conversation"), "0");
  EXPECT_EQ(raw.run("SELECT count(*) FROM rollup_total WHERE dimension = 'conversation'"), "0");
  EXPECT_EQ(differences(raw, "model", "rollup_hour", "model"), "");
}

TEST(rollups, sums_of_all_time_that_do_not_fit_the_hours_are_not_read_and_are_made_anew) {
  temporary_ledger at;
  const auto rows = random_rows(12, 100, 10);
  at.open().insert(rows).value();
  raw_database raw(at.options.file);
  raw.run("UPDATE rollup_total SET requests = 1, last_at = last_at - 1; DELETE FROM rollup_total WHERE name = 'gpt-5'");
  EXPECT_EQ(by_key(at.reader().report(group_by::model, {}).value()), expected_groups(group_by::model, {}, rows));
  const ledger store = at.open();
  expect_sums_of_all_hours(at);
}

TEST(rollups, sums_of_days_that_do_not_fit_the_hours_are_not_read_and_are_made_anew) {
  temporary_ledger at;
  const auto rows = random_rows(13, 300, 100);
  at.open().insert(rows).value();
  raw_database(at.options.file).run("UPDATE rollup_day SET requests = 1; DELETE FROM rollup_day WHERE day = 20004");
  const time_range range{epoch_s + 1, epoch_s + 90 * 3600};
  EXPECT_EQ(by_key(at.reader().report(group_by::model, range).value()), expected_groups(group_by::model, range, rows));
  const ledger store = at.open();
  expect_sums_of_all_hours(at);
}

}  // namespace
}  // namespace usage::testing
