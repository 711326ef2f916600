#include "usage/ledger/reports/rereading.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/ledger/corrections.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

usage_record booked_right(std::int64_t number) {
  usage_record row = model_call(epoch + number, "m", 0, 0);
  row.raw_usage = R"({"input_tokens":)" + std::to_string(number + 1) + R"(,"output_tokens":2})";
  row.tokens = {};
  return booked_anew(row).value();
}

/// `wrong`: numbers from 0, which are one less than the id.
std::vector<usage_record> numbered_rows(std::int64_t count, std::vector<std::int64_t> wrong) {
  std::vector<usage_record> made;
  for (std::int64_t i = 0; i < count; ++i) {
    made.push_back(booked_right(i));
    if (std::ranges::find(wrong, i) != wrong.end()) made.back().tokens.output_total = 1;
  }
  return made;
}

std::vector<std::int64_t> ids_of(const rereading& read) {
  std::vector<std::int64_t> ids;
  for (const auto& each : read.differences) ids.push_back(each.id);
  return ids;
}

void mark(ledger& store, const rereading& read) {
  ASSERT_TRUE(read.verified);
  ASSERT_TRUE(store.write(std::vector<ledger_entry>{*read.verified}).has_value());
}

TEST(rereading, a_row_that_is_booked_otherwise_is_told_with_both_counts) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(numbered_rows(3, {1})).has_value());
  const auto read = home.reader().read_again().value();
  EXPECT_EQ(read.read, 3);
  ASSERT_EQ(read.differing, 1);
  const auto& found = read.differences.at(0);
  EXPECT_EQ(found.id, 2);
  EXPECT_EQ(found.started_at, epoch + 1);
  EXPECT_EQ(found.model, "m");
  EXPECT_EQ(found.booked.output_total, 1);
  EXPECT_EQ(found.reread.output_total, 2);
}

TEST(rereading, a_row_without_an_object_is_as_it_is) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(random_rows(1, 50, 3)).has_value());
  const auto read = home.reader().read_again().value();
  EXPECT_EQ(read.read, 0);
  EXPECT_EQ(read.differing, 0);
}

TEST(rereading, all_are_counted_and_the_first_are_told) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(numbered_rows(6, {1, 3, 4})).has_value());
  const auto read = home.reader().read_again({.differences = 2}).value();
  EXPECT_EQ(read.differing, 3);
  EXPECT_THAT(ids_of(read), ElementsAre(2, 4));
}

TEST(rereading, two_threads_find_what_one_finds) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(numbered_rows(101, {0, 49, 50, 51, 100})).has_value());
  const auto one = home.reader().read_again().value();
  const auto two = home.reader().read_again({.rows_of_a_thread = 10}).value();
  EXPECT_THAT(ids_of(two), ElementsAre(1, 50, 51, 52, 101));
  EXPECT_EQ(ids_of(one), ids_of(two));
  EXPECT_EQ(one.read, two.read);
  EXPECT_EQ(one.differing, two.differing);
}

TEST(rereading, what_was_verified_is_not_read_again) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(numbered_rows(5, {})).has_value());
  mark(store, home.reader().read_again().value());
  ASSERT_TRUE(store.insert(numbered_rows(2, {})).has_value());
  const auto later = home.reader().read_again().value();
  EXPECT_EQ(later.verified_before, 5);
  EXPECT_EQ(later.read, 2);
}

TEST(rereading, a_row_that_differs_is_told_until_it_is_corrected) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(numbered_rows(5, {2})).has_value());
  mark(store, home.reader().read_again().value());
  const auto again = home.reader().read_again().value();
  EXPECT_EQ(again.verified_before, 2);
  EXPECT_THAT(ids_of(again), ElementsAre(3));
  EXPECT_FALSE(again.verified) << "nothing new";
  ASSERT_TRUE(store.write(std::vector<ledger_entry>{correction{3, epoch, "v"}}).has_value());
  const auto corrected = home.reader().read_again().value();
  EXPECT_EQ(corrected.differing, 0);
  mark(store, corrected);
  EXPECT_EQ(home.reader().read_again()->read, 0);
}

TEST(rereading, those_to_correct_come_in_batches) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(numbered_rows(9, {1, 3, 7})).has_value());
  auto reader = home.reader();
  const auto first = reader.differing(0, 2).value();
  EXPECT_THAT(first.ids, ElementsAre(2, 4));
  EXPECT_TRUE(first.more);
  const auto rest = reader.differing(first.last, 2).value();
  EXPECT_THAT(rest.ids, ElementsAre(8));
  EXPECT_FALSE(rest.more);
  EXPECT_EQ(rest.last, 9);
}

TEST(rereading, ends_when_it_is_told_to) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(numbered_rows(5000, {})).has_value());
  auto reader = home.reader();
  std::stop_source stop;
  stop.request_stop();
  reader.interrupt_by(stop.get_token());
  EXPECT_FALSE(reader.read_again({.rows_of_a_thread = 10}).has_value());
}

}  // namespace
}  // namespace usage
