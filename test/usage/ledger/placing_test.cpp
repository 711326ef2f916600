#include "usage/placement.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage::testing {
namespace {

usage_record keyed(std::int64_t key, std::int64_t at, std::string conversation = "") {
  usage_record row = model_call(at, "gpt-5", 10, 5);
  row.row_key = key;
  row.conversation = std::move(conversation);
  row.attributed_by = row.conversation.empty() ? "" : "request_id";
  return row;
}

placement to(std::int64_t key, std::string conversation) {
  placement where;
  where.row = key;
  where.conversation = std::move(conversation);
  where.rule = "response_id";
  where.at = 77;
  return where;
}

groups conversations(ledger_reader& reader) {
  return by_key(reader.report(group_by::conversation, {}).value());
}

TEST(placing, a_booked_row_moves_and_the_sums_with_it) {
  temporary_ledger at;
  ledger store = at.open();
  store.insert(std::vector{keyed(1, epoch + 1), keyed(2, epoch + 2)}).value();
  auto where = to(1, "c");
  where.flags = disputed;
  where.claimed = "lie";
  where.logical_request = "t/4";
  where.attempt = 2;
  EXPECT_EQ(store.write(std::vector<ledger_entry>{where}).value().moved, 1u);
  auto reader = at.reader();
  const auto rows = all_rows(reader);
  EXPECT_EQ(rows[0].conversation, "c");
  EXPECT_EQ(rows[0].attributed_by, "response_id");
  EXPECT_EQ(rows[0].attributed_at, 77);
  EXPECT_EQ(rows[0].attribution_flags, disputed);
  EXPECT_EQ(rows[0].claimed_conversation, "lie");
  EXPECT_EQ(rows[0].logical_request, "t/4");
  EXPECT_EQ(rows[0].attempt, 2);
  EXPECT_EQ(rows[0].row_key, 1);
  EXPECT_EQ(conversations(reader), expected_groups(group_by::conversation, {}, rows));
  EXPECT_EQ(reader.totals({}).value(), expected_totals({}, rows));
  EXPECT_EQ(reader.totals({}).value().retries, 1);
}

TEST(placing, the_same_place_again_and_a_row_that_is_not_there_change_nothing) {
  temporary_ledger at;
  ledger store = at.open();
  store.insert(std::vector{keyed(1, epoch)}).value();
  const std::vector<ledger_entry> entries{to(1, "c"), to(1, "c"), to(9, "c")};
  EXPECT_EQ(store.write(entries).value().moved, 1u);
}

TEST(placing, an_hour_that_every_row_has_left_is_gone) {
  temporary_ledger at;
  ledger store = at.open();
  store.insert(std::vector{keyed(1, epoch), keyed(2, epoch + hour)}).value();
  store.write(std::vector<ledger_entry>{to(1, "c"), to(2, "c")}).value();
  raw_database raw(at.options.file);
  EXPECT_EQ(raw.run("SELECT count(*) FROM rollup_conversation WHERE conversation = ''"), "0");
}

TEST(placing, any_sequence_of_moves_leaves_the_sums_equal_to_the_rows) {
  temporary_ledger at;
  ledger store = at.open();
  auto rows = random_rows(11, 300, 5);
  std::vector<ledger_entry> entries;
  std::mt19937_64 random(5);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].row_key = static_cast<std::int64_t>(i) + 1;
    entries.emplace_back(rows[i]);
    auto where = to(static_cast<std::int64_t>(random() % (i + 1)) + 1, "conversation-" + std::to_string(random() % 4));
    where.attempt = static_cast<int>(random() % 3);
    entries.emplace_back(where);
    if (random() % 4 == 0) entries.emplace_back(to(where.row, ""));
  }
  for (std::size_t i = 0; i < entries.size(); i += 50)
    store.write(std::span(entries).subspan(i, std::min<std::size_t>(50, entries.size() - i))).value();
  auto reader = at.reader();
  const auto now = all_rows(reader);
  ASSERT_EQ(now.size(), rows.size());
  for (const group_by by : every_group) EXPECT_EQ(by_key(reader.report(by, {}).value()), expected_groups(by, {}, now));
}

TEST(placing, a_chain_of_answers_goes_back_as_far_as_the_ledger_knows) {
  temporary_ledger at;
  ledger store = at.open();
  const auto answer = [](std::int64_t key, std::string response, std::string previous) {
    auto row = keyed(key, epoch + key, previous);
    row.response_id = std::move(response);
    row.attributed_by = previous.empty() ? "" : "body:previous_response_id";
    return row;
  };
  store.insert(std::vector{answer(1, "r1", ""), answer(2, "r2", "r1")}).value();
  store.insert(std::vector{answer(3, "r3", "r2"), answer(4, "r9", "r8")}).value();
  auto reader = at.reader();
  const auto rows = all_rows(reader);
  for (const int i : {0, 1, 2}) EXPECT_EQ(rows[i].conversation, "r1") << i;
  EXPECT_EQ(rows[3].conversation, "r8");
  EXPECT_EQ(conversations(reader), expected_groups(group_by::conversation, {}, rows));
}

}  // namespace
}  // namespace usage::testing
