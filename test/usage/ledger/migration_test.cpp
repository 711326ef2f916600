// Ledgers of earlier versions, each a file that its version wrote.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <vector>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage::testing {
namespace {

/// Each holds random_rows(1, 60, 40).
temporary_ledger& with_old_file(temporary_ledger& at, const std::string& name) {
  std::filesystem::copy_file(std::filesystem::path(LEDGER_FILES) / name, at.options.file);
  return at;
}

TEST(migration, a_ledger_of_version_1_keeps_its_rows_and_sums) {
  temporary_ledger at;
  ledger store = with_old_file(at, "version_1.db").open();
  auto reader = at.reader();
  const auto rows = all_rows(reader);
  auto written = random_rows(1, 60, 40);
  // Version 1 knew neither processes nor rules.
  for (auto& each : written) each.executable = each.rules = "";
  ASSERT_EQ(rows.size(), written.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].started_at, written[i].started_at);
    EXPECT_EQ(rows[i].conversation, written[i].conversation);
    EXPECT_EQ(rows[i].tokens, written[i].tokens);
    EXPECT_EQ(rows[i].row_key, 0);
    EXPECT_EQ(rows[i].attributed_at, std::nullopt);
    EXPECT_EQ(rows[i].logical_request, "");
  }
  for (const group_by by : every_group)
    EXPECT_EQ(by_key(reader.report(by, {}).value()), expected_groups(by, {}, written));
}

TEST(migration, a_ledger_of_version_1_takes_rows_and_places_them) {
  temporary_ledger at;
  ledger store = with_old_file(at, "version_1.db").open();
  auto row = model_call(epoch, "gpt-5", 1, 1);
  row.row_key = 5;
  placement where;
  where.row = 5;
  where.conversation = "c";
  EXPECT_EQ(store.write(std::vector<ledger_entry>{row, where}).value().moved, 1u);
  auto reader = at.reader();
  const auto rows = all_rows(reader);
  EXPECT_EQ(rows.back().conversation, "c");
  EXPECT_EQ(by_key(reader.report(group_by::conversation, {}).value()),
            expected_groups(group_by::conversation, {}, rows));
}

TEST(migration, a_ledger_of_version_1_is_summed_by_days) {
  temporary_ledger at;
  const ledger store = with_old_file(at, "version_1.db").open();
  auto written = random_rows(1, 60, 40);
  for (auto& each : written) each.executable = each.rules = "";
  auto reader = at.reader();
  for (const time_range& range :
       {time_range{epoch_s, epoch_s + 24 * 3600}, time_range{epoch_s + 1, {}}, time_range{{}, epoch_s + 30 * 3600 + 7}})
    for (const group_by by : every_group)
      EXPECT_EQ(by_key(reader.report(by, range).value()), expected_groups(by, range, written));
  EXPECT_EQ(raw_database(at.options.file)
                .run("SELECT sum(requests + other_requests) FROM rollup_day WHERE "
                     "dimension = 'status'"),
            "60");
}

TEST(migration, rows_of_version_7_keep_their_sums_and_say_of_no_transport_how_they_were_carried) {
  temporary_ledger at;
  ledger store = with_old_file(at, "version_7.db").open();
  usage_record row = model_call(epoch, "m", 1, 1);
  row.transport = transport::h2;
  ASSERT_TRUE(store.insert(std::span(&row, 1)).has_value());
  auto reader = at.reader();
  auto rows = all_rows(reader);
  ASSERT_EQ(rows.size(), 61u);
  EXPECT_EQ(rows.back().transport, transport::h2);
  rows.pop_back();
  for (const auto& each : rows) EXPECT_EQ(each.transport, std::nullopt);
  auto written = random_rows(1, 60, 40);
  written.push_back(row);
  for (const group_by by : every_group)
    EXPECT_EQ(by_key(reader.report(by, {}).value()), expected_groups(by, {}, written));
}

TEST(migration, a_ledger_of_version_9_keeps_its_rows_and_takes_answers_that_repeat_their_ids) {
  temporary_ledger at;
  ledger store = with_old_file(at, "version_9.db").open();
  auto written = random_rows(1, 60, 40);
  usage_record again = *std::ranges::find_if(written, [](const auto& each) { return !each.response_id.empty(); });
  EXPECT_EQ(store.insert(std::span(&again, 1)).value().inserted, 1u);
  written.push_back(again);
  auto reader = at.reader();
  const auto rows = all_rows(reader);
  ASSERT_EQ(rows.size(), written.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].response_id, written[i].response_id);
    EXPECT_EQ(rows[i].tokens, written[i].tokens);
  }
  for (const group_by by : every_group)
    EXPECT_EQ(by_key(reader.report(by, {}).value()), expected_groups(by, {}, written));
}

TEST(migration, sums_of_version_10_tell_how_many_of_its_calls_did_not_report_what_is_summed) {
  temporary_ledger at;
  const ledger store = with_old_file(at, "version_10.db").open();
  auto reader = at.reader();
  const auto written = random_rows(1, 60, 40);
  const usage_totals totals = reader.totals({}).value();
  EXPECT_EQ(totals, expected_totals({}, written));
  EXPECT_GT(totals.thinking_unreported, 0);
  for (const group_by by : every_group)
    EXPECT_EQ(by_key(reader.report(by, {}).value()), expected_groups(by, {}, written));
}

TEST(migration, one_that_fails_changes_nothing) {
  temporary_ledger at;
  with_old_file(at, "version_1.db");
  raw_database raw(at.options.file);
  raw.run("CREATE TABLE rollup_day (somebody_elses)");
  const std::string before = raw.run("SELECT group_concat(sql) FROM sqlite_schema");
  EXPECT_TRUE(ledger::open(at.options).has_error());
  EXPECT_EQ(raw.run("SELECT group_concat(sql) FROM sqlite_schema"), before);
  EXPECT_EQ(raw.run("PRAGMA user_version"), "1");
}

TEST(migration, it_is_done_once) {
  temporary_ledger at;
  {
    ledger store = with_old_file(at, "version_1.db").open();
  }
  {
    ledger store = at.open();
  }
  auto reader = at.reader();
  EXPECT_EQ(all_rows(reader).size(), 60u);
}

}  // namespace
}  // namespace usage::testing
