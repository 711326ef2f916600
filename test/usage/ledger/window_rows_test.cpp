#include "usage/ledger/window_rows.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/ledger/ledger_check.hpp"
#include "usage/ledger/ledger_repair.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

account_window told(std::int64_t at, std::int64_t used, std::string name = "5h", std::string account = "aa") {
  account_window made;
  made.account = std::move(account);
  made.host = "api.anthropic.com";
  made.provider = provider::anthropic;
  made.window.name = std::move(name);
  made.window.used = used;
  made.window.reset = epoch + 5 * hour;
  made.window.minutes = 300;
  made.window.status = "allowed";
  made.seen_at = at;
  made.since = at;
  return made;
}

account_window since(std::int64_t at, account_window window) {
  window.since = at;
  return window;
}

void write(ledger& store, const std::vector<account_window>& windows) {
  const std::vector<ledger_entry> entries(windows.begin(), windows.end());
  ASSERT_TRUE(store.write(entries).has_value());
}

std::vector<account_window> latest(const temporary_ledger& home, const window_query& query = {}) {
  return home.reader().windows(query).value().windows;
}

std::vector<account_window> changes(const temporary_ledger& home, const window_query& query = {}) {
  auto all = home.reader().window_changes(query).value().windows;
  for (account_window& each : all) each.id = 0;
  return all;
}

TEST(window_rows, the_latest_is_what_was_told_last_and_every_change_is_kept) {
  const temporary_ledger home;
  ledger store = home.open();
  write(store, {told(epoch, 10), told(epoch + 1, 10), told(epoch + 2, 20), told(epoch + 3, 20)});
  EXPECT_THAT(latest(home), ElementsAre(since(epoch + 2, told(epoch + 3, 20))));
  EXPECT_THAT(changes(home), ElementsAre(told(epoch + 2, 20), told(epoch, 10)));
}

TEST(window_rows, every_member_comes_back_as_it_was_told) {
  const temporary_ledger home;
  ledger store = home.open();
  account_window full = told(epoch, 102'000, "tokens");
  full.model = "gpt-5";
  full.window.of_model = true;
  full.window.limit = 400;
  full.window.left = 3;
  full.provider = provider::openai_responses;
  account_window bare = told(epoch + 1, 0, "requests");
  bare.window = {.name = "requests"};
  write(store, {full, bare});
  EXPECT_THAT(latest(home), ElementsAre(bare, full));
  EXPECT_THAT(changes(home), ElementsAre(bare, full));
}

TEST(window_rows, a_reset_that_rolls_is_no_change_but_is_known) {
  const temporary_ledger home;
  ledger store = home.open();
  account_window later = told(epoch + 1, 10);
  later.window.reset = epoch + 5 * hour + 1000;
  write(store, {told(epoch, 10), later});
  EXPECT_THAT(latest(home), ElementsAre(since(epoch, later)));
  EXPECT_THAT(changes(home), SizeIs(1));
}

TEST(window_rows, accounts_hosts_models_and_names_are_apart) {
  const temporary_ledger home;
  ledger store = home.open();
  account_window host = told(epoch, 1);
  host.host = "api.openai.com";
  account_window model = told(epoch, 1);
  model.model = "small";
  write(store, {told(epoch, 1), told(epoch, 1, "7d"), told(epoch, 1, "5h", "bb"), host, model});
  EXPECT_THAT(latest(home), SizeIs(5));
  EXPECT_THAT(latest(home, {.account = "bb"}), ElementsAre(told(epoch, 1, "5h", "bb")));
  EXPECT_THAT(latest(home, {.host = "api.openai.com"}), ElementsAre(host));
  EXPECT_THAT(latest(home, {.window = "7d"}), ElementsAre(told(epoch, 1, "7d")));
  EXPECT_THAT(changes(home, {.account = "aa", .host = "api.anthropic.com", .window = "5h"}), SizeIs(2));
  EXPECT_THAT(latest(home, {.account = "cc"}), IsEmpty());
}

TEST(window_rows, an_answer_that_was_overtaken_changes_nothing_and_a_clock_that_was_set_back_does) {
  const temporary_ledger home;
  ledger store = home.open();
  write(store, {told(epoch, 20), told(epoch - max_window_lateness, 10)});
  EXPECT_THAT(latest(home), ElementsAre(told(epoch, 20)));
  write(store, {told(epoch - max_window_lateness - 1, 30)});
  EXPECT_THAT(latest(home), ElementsAre(told(epoch - max_window_lateness - 1, 30)));
}

TEST(window_rows, changes_come_page_by_page) {
  const temporary_ledger home;
  ledger store = home.open();
  write(store, {told(epoch, 1), told(epoch + 1, 2), told(epoch + 2, 3)});
  auto reader = home.reader();
  const auto first = reader.window_changes({.limit = 2}).value();
  ASSERT_THAT(first.windows, SizeIs(2));
  EXPECT_TRUE(first.has_more);
  const auto second = reader.window_changes({.after = first.windows.back().id, .limit = 2}).value();
  ASSERT_THAT(second.windows, SizeIs(1));
  EXPECT_EQ(second.windows[0].window.used, 1);
  EXPECT_FALSE(second.has_more);
}

TEST(window_rows, the_changes_of_a_window_are_bounded_and_the_latest_stay) {
  const temporary_ledger home;
  ledger store = home.open();
  constexpr std::int64_t slack = max_window_changes / 8;
  std::vector<account_window> many{told(epoch, 1, "7d")};
  for (std::int64_t i = 0; i < 3 * max_window_changes; ++i) many.push_back(told(epoch + i, i));
  write(store, many);
  const auto kept = changes(home, {.window = "5h", .limit = 10 * max_window_changes});
  EXPECT_GE(std::int64_t(kept.size()), max_window_changes);
  EXPECT_LE(std::int64_t(kept.size()), max_window_changes + slack);
  EXPECT_EQ(kept.front(), many.back());
  EXPECT_THAT(changes(home, {.window = "7d"}), SizeIs(1)) << "that of another window stays";
}

TEST(window_rows, windows_are_bounded_and_the_one_told_longest_ago_goes) {
  const temporary_ledger home;
  ledger store = home.open();
  std::vector<account_window> many;
  for (std::int64_t i = 0; i < max_account_windows; ++i) many.push_back(told(epoch + i, 1, "5h", std::to_string(i)));
  write(store, many);
  write(store,
        {told(epoch + max_account_windows, 1, "5h", "0"), told(epoch + 2 * max_account_windows, 1, "5h", "new")});
  EXPECT_THAT(latest(home), SizeIs(max_account_windows));
  EXPECT_THAT(latest(home, {.account = "0"}), SizeIs(1));
  EXPECT_THAT(latest(home, {.account = "1"}), IsEmpty());
  EXPECT_THAT(changes(home, {.account = "1"}), IsEmpty());
  EXPECT_THAT(latest(home, {.account = "new"}), SizeIs(1));
}

TEST(window_rows, they_go_with_the_rows_of_their_time) {
  temporary_ledger home;
  home.options.retention_days = 2;
  ledger store = home.open();
  write(store, {told(epoch, 1, "old"), told(epoch, 1), told(epoch + 24 * hour, 2)});
  EXPECT_FALSE(store.apply_retention(epoch + 2 * 24 * hour + 2 * hour).value().more);
  EXPECT_THAT(latest(home), ElementsAre(told(epoch + 24 * hour, 2)));
  EXPECT_THAT(changes(home), ElementsAre(told(epoch + 24 * hour, 2)));
}

TEST(window_rows, retention_deletes_a_bounded_number_at_once) {
  temporary_ledger home;
  home.options.retention_days = 2;
  ledger store = home.open();
  std::vector<account_window> many;
  for (const char* name : {"a", "b", "c"})
    for (std::int64_t i = 0; i < max_window_changes; ++i) many.push_back(told(epoch + i, i, name));
  write(store, many);
  const std::int64_t now = epoch + 4 * 24 * hour;
  EXPECT_TRUE(store.apply_retention(now).value().more);
  EXPECT_THAT(changes(home, {.limit = 10'000}), SizeIs(3 * max_window_changes - 2000));
  while (store.apply_retention(now).value().more) {
  }
  EXPECT_THAT(changes(home), IsEmpty());
}

TEST(window_rows, they_survive_reopening_and_no_sum_includes_them) {
  const temporary_ledger home;
  {
    ledger store = home.open();
    write(store, {told(epoch, 1)});
  }
  ledger store = home.open();
  write(store, {told(epoch + 1, 1)});
  EXPECT_THAT(latest(home), ElementsAre(since(epoch, told(epoch + 1, 1))));
  EXPECT_EQ(home.reader().totals({}).value(), usage_totals{});
}

TEST(window_rows, what_waited_beside_the_ledger_joins_it_whichever_is_later) {
  for (const bool waiting_is_later : {true, false}) {
    const temporary_ledger home;
    const temporary_ledger beside;
    const std::int64_t shift = waiting_is_later ? 10 : -10;
    ledger store = home.open();
    write(store, {told(epoch, 1), told(epoch + 1, 2)});
    {
      ledger waiting = beside.open();
      write(waiting, {told(epoch + shift, 3), told(epoch + shift + 1, 4), told(epoch, 1, "7d")});
    }
    ASSERT_TRUE(store.take_over(beside.options).has_value());
    EXPECT_THAT(latest(home, {.window = "5h"}),
                ElementsAre(waiting_is_later ? told(epoch + 11, 4) : told(epoch + 1, 2)));
    EXPECT_THAT(latest(home, {.window = "7d"}), ElementsAre(told(epoch, 1, "7d")));
    EXPECT_THAT(changes(home, {.window = "5h"}), SizeIs(4));
    write(store, {told(epoch + 20, 5)});
    EXPECT_THAT(changes(home, {.window = "5h"}), SizeIs(5));
  }
}

TEST(window_rows, taking_over_the_same_twice_adds_nothing) {
  const temporary_ledger home;
  ledger store = home.open();
  for (int i = 0; i < 2; ++i) {
    const temporary_ledger beside;
    {
      ledger waiting = beside.open();
      write(waiting, {told(epoch, 1), told(epoch + 1, 2)});
    }
    ASSERT_TRUE(store.take_over(beside.options).has_value());
  }
  EXPECT_THAT(changes(home), ElementsAre(told(epoch + 1, 2), told(epoch, 1)));
}

TEST(window_rows, a_repair_keeps_them) {
  const temporary_ledger home;
  {
    ledger store = home.open();
    write(store, {told(epoch, 1), told(epoch + 1, 2)});
  }
  raw_database(home.options.file).run("DROP TABLE rollup_rule");
  ASSERT_TRUE(repair_ledger(home.options, "then").has_value());
  EXPECT_THAT(latest(home), ElementsAre(told(epoch + 1, 2)));
  EXPECT_THAT(changes(home), ElementsAre(told(epoch + 1, 2), told(epoch, 1)));
}

TEST(window_rows, a_ledger_without_their_tables_is_damaged_and_is_repaired) {
  for (const char* table : {"account_window", "account_window_change"}) {
    const temporary_ledger home;
    {
      ledger store = home.open();
      write(store, {told(epoch, 1)});
    }
    raw_database(home.options.file).run(std::string("DROP TABLE ") + table);
    EXPECT_THAT(check_ledger(home.options).value().faults,
                ::testing::Contains(std::string("the table ") + table + " is missing"));
    ASSERT_TRUE(repair_ledger(home.options, "then").has_value());
    ledger store = home.open();
    write(store, {told(epoch + 1, 2)});
    EXPECT_THAT(latest(home), ElementsAre(told(epoch + 1, 2)));
  }
}

TEST(window_rows, in_whatever_order_answers_come_the_latest_is_the_one_told_last) {
  std::mt19937 random(16);
  for (int round = 0; round < 20; ++round) {
    const temporary_ledger home;
    ledger store = home.open();
    std::vector<account_window> answers;
    for (int i = 0; i < 40; ++i) answers.push_back(told(epoch + i, static_cast<std::int64_t>(random() % 5)));
    const auto last = answers.back();
    std::ranges::shuffle(answers, random);
    write(store, answers);
    EXPECT_EQ(latest(home).at(0).window, last.window);
    EXPECT_EQ(latest(home).at(0).seen_at, last.seen_at);
  }
}

}  // namespace
}  // namespace usage
