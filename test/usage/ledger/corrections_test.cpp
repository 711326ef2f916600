#include "usage/ledger/corrections.hpp"

#include <gmock/gmock.h>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/ledger/ledger_check.hpp"
#include "usage/ledger/ledger_repair.hpp"
#include "usage/read_again.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* object =
    R"({"input_tokens":100,"output_tokens":50,"total_tokens":150,"output_tokens_details":{"reasoning_tokens":20}})";

/// A row as an older reader booked it: without the thinking, and with less output.
usage_record booked_wrong(std::int64_t at = epoch, std::int64_t key = 7) {
  usage_record row = model_call(at, "m", 100, 9);
  row.conversation = "c";
  row.raw_usage = object;
  row.row_key = key;
  return row;
}

std::size_t correct(ledger& store, std::int64_t id) {
  const std::vector<ledger_entry> asked{correction{id, epoch + 5, "1.2.3"}};
  return store.write(asked).value().corrected;
}

std::string kept(const temporary_ledger& home, const std::string& sql) {
  return raw_database(home.options.file).run(sql);
}

TEST(corrections, the_row_and_every_sum_are_what_the_object_reads_today) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{booked_wrong()}).has_value());
  EXPECT_EQ(home.reader().totals({})->output_tokens, 9);
  EXPECT_EQ(correct(store, 1), 1u);
  auto reader = home.reader();
  const usage_record row = all_rows(reader).at(0);
  EXPECT_EQ(row.tokens.output_total, 50);
  EXPECT_EQ(row.tokens.thinking, 20);
  EXPECT_EQ(row.corrected_at, epoch + 5);
  EXPECT_EQ(reader.totals({})->output_tokens, 50);
  EXPECT_EQ(reader.report(group_by::conversation, {}).value().at(0).totals.thinking_tokens, 20);
  EXPECT_THAT(check_ledger(home.options).value().faults, IsEmpty());
}

TEST(corrections, what_was_booked_before_is_kept) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{booked_wrong()}).has_value());
  correct(store, 1);
  EXPECT_EQ(kept(home, "SELECT before ->> '$.output_total' FROM corrections"), "9");
  EXPECT_EQ(kept(home, "SELECT before ->> '$.thinking' FROM corrections"), "");
  EXPECT_EQ(kept(home, "SELECT after ->> '$.thinking' FROM corrections"), "20");
  EXPECT_EQ(kept(home, "SELECT why || ' ' || program || ' ' || exchange FROM corrections"), "read_again 1.2.3 1");
}

TEST(corrections, a_row_is_corrected_once_however_often_it_is_asked_for) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{booked_wrong()}).has_value());
  EXPECT_EQ(correct(store, 1), 1u);
  EXPECT_EQ(correct(store, 1), 0u);
  EXPECT_EQ(correct(store, 2), 0u) << "there is no such row";
  EXPECT_EQ(kept(home, "SELECT count(*) FROM corrections"), "1");
  EXPECT_EQ(home.reader().totals({})->output_tokens, 50);
}

TEST(corrections, another_correction_is_added_to_the_first) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{booked_wrong()}).has_value());
  correct(store, 1);
  raw_database(home.options.file).run("UPDATE exchanges SET thinking = 1");
  EXPECT_EQ(correct(store, 1), 1u);
  EXPECT_EQ(kept(home, "SELECT count(DISTINCT corrected_at) FROM corrections"), "2");
  auto reader = home.reader();
  EXPECT_EQ(all_rows(reader).at(0).corrected_at, epoch + 6);
}

TEST(corrections, a_row_without_usage_that_now_has_it_is_complete) {
  usage_record row = booked_wrong();
  row.tokens = {};
  row.status = record_status::unreported;
  const auto anew = booked_anew(row);
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->status, record_status::complete);
  EXPECT_EQ(anew->tokens.output_total, 50);
}

TEST(corrections, no_more_is_booked_than_a_row_can_hold) {
  usage_record row = booked_wrong();
  row.raw_usage = R"({"input_tokens":9000000000000,"output_tokens":1})";
  const auto anew = booked_anew(row);
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->tokens.input_uncached, max_booked_tokens);
  EXPECT_FALSE(booked_anew(*anew));
}

TEST(corrections, they_go_with_their_rows) {
  temporary_ledger home;
  home.options.retention_days = 2;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{booked_wrong(), booked_wrong(epoch + 48 * hour, 8)}).has_value());
  correct(store, 1);
  correct(store, 2);
  ASSERT_TRUE(store.apply_retention(epoch + 50 * hour).has_value());
  EXPECT_EQ(kept(home, "SELECT group_concat(exchange) FROM corrections"), "2");
}

TEST(corrections, a_repair_keeps_them) {
  const temporary_ledger home;
  {
    ledger store = home.open();
    ASSERT_TRUE(store.insert(std::vector{booked_wrong()}).has_value());
    correct(store, 1);
  }
  raw_database(home.options.file).run("DROP TABLE rollup_rule");
  ASSERT_TRUE(repair_ledger(home.options, "then").has_value());
  auto reader = home.reader();
  EXPECT_EQ(all_rows(reader).at(0).corrected_at, epoch + 5);
}

TEST(corrections, what_was_corrected_beside_the_ledger_is_told_of_the_same_row) {
  const temporary_ledger home;
  const temporary_ledger beside;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{model_call(epoch, "m", 1, 1)}).has_value());
  {
    ledger waiting = beside.open();
    ASSERT_TRUE(waiting.insert(std::vector{booked_wrong()}).has_value());
    correct(waiting, 1);
  }
  ASSERT_TRUE(store.take_over(beside.options).has_value());
  auto reader = home.reader();
  const auto rows = all_rows(reader);
  EXPECT_FALSE(rows.at(0).corrected_at);
  EXPECT_EQ(rows.at(1).corrected_at, epoch + 5);
}

TEST(corrections, a_mark_is_of_this_ledger_and_of_these_dialects) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{booked_wrong(), booked_wrong(epoch + 1, 8)}).has_value());
  const auto mark = [&](verified_rows rows) {
    EXPECT_TRUE(store.write(std::vector<ledger_entry>{rows}).has_value());
    return home.reader().read_again()->verified_before;
  };
  EXPECT_EQ(mark({2, epoch, dialects_version}), 0) << "that row began at another time";
  EXPECT_EQ(mark({2, epoch + 1, dialects_version}), 2);
  EXPECT_EQ(mark({1, epoch, dialects_version}), 2);
  EXPECT_EQ(mark({1, epoch, dialects_version + 1}), 0);
}

}  // namespace
}  // namespace usage
