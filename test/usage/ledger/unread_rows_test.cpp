#include "usage/ledger/unread_rows.hpp"

#include <gmock/gmock.h>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/ledger/ledger_check.hpp"
#include "usage/ledger/ledger_repair.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

unread_note note(std::string host, std::int64_t at, std::optional<std::int64_t> bytes = {}) {
  return {std::move(host), "/v1/realtime", "upgraded", 1, bytes, at, at};
}

void write(ledger& store, std::initializer_list<unread_note> notes) {
  const std::vector<ledger_entry> entries(notes.begin(), notes.end());
  ASSERT_TRUE(store.write(entries).has_value());
}

std::vector<unread_note> unread_in(const temporary_ledger& home, const time_range& range = {}) {
  return home.reader().unread(range).value();
}

TEST(unread_rows, an_entry_is_added_to_and_the_latest_comes_first) {
  const temporary_ledger home;
  ledger store = home.open();
  write(store, {note("a", epoch + 5), note("b", epoch + 9), note("a", epoch + 7, 100), note("a", epoch + 6, 11)});
  auto other = note("a", epoch + 8);
  other.path.clear();
  write(store, {other});
  EXPECT_THAT(unread_in(home), ElementsAre(note("b", epoch + 9), other,
                                           unread_note{"a", "/v1/realtime", "upgraded", 3, 111, epoch + 5, epoch + 7}));
}

TEST(unread_rows, programs_have_entries_of_their_own) {
  temporary_ledger home;
  auto store = home.open();
  auto java = note("a", epoch + 1);
  java.why = "bypassed";
  java.program = "/usr/bin/java of uid 7";
  auto other = java;
  other.program = "/opt/my agent of uid 7";
  other.first_at = other.last_at = epoch + 2;
  write(store, {java, other, java});
  java.connections *= 2;
  EXPECT_THAT(unread_in(home), ElementsAre(other, java));
}

TEST(unread_rows, they_are_there_after_reopening_and_no_sum_includes_them) {
  const temporary_ledger home;
  {
    ledger store = home.open();
    write(store, {note("a", epoch)});
  }
  ledger store = home.open();
  write(store, {note("a", epoch + 1)});
  EXPECT_EQ(unread_in(home).at(0).connections, 2);
  EXPECT_EQ(home.reader().totals({}).value(), usage_totals{});
}

TEST(unread_rows, further_hosts_are_one_entry_by_reason) {
  const temporary_ledger home;
  ledger store = home.open();
  for (std::size_t i = 0; i < max_unread_entries; ++i) write(store, {note("h" + std::to_string(i), epoch)});
  write(store, {note("beyond", epoch + 1, 5), note("further", epoch + 2), note("h0", epoch)});
  const auto entries = unread_in(home);
  ASSERT_EQ(entries.size(), max_unread_entries + 1);
  EXPECT_EQ(entries.front(), (unread_note{further_hosts, "", "upgraded", 2, 5, epoch + 1, epoch + 2}));
}

TEST(unread_rows, a_range_has_what_may_have_passed_in_it) {
  const temporary_ledger home;
  ledger store = home.open();
  write(store, {note("early", epoch), note("late", epoch + hour), note("both", epoch), note("both", epoch + hour)});
  const auto hosts = [&](const time_range& range) {
    std::vector<std::string> names;
    for (const auto& each : unread_in(home, range)) names.push_back(each.host);
    return names;
  };
  EXPECT_THAT(hosts({epoch_s + 1, {}}), ElementsAre("both", "late"));
  EXPECT_THAT(hosts({{}, epoch_s + 1}), ElementsAre("both", "early"));
  EXPECT_THAT(hosts({epoch_s + 3601, {}}), IsEmpty());
}

TEST(unread_rows, they_go_with_the_rows_of_their_time) {
  temporary_ledger home;
  home.options.retention_days = 2;
  ledger store = home.open();
  write(store, {note("old", epoch), note("kept", epoch), note("kept", epoch + 24 * hour)});
  EXPECT_FALSE(store.apply_retention(epoch + 2 * 24 * hour + 2 * hour).value().more);
  EXPECT_THAT(unread_in(home),
              ElementsAre(unread_note{"kept", "/v1/realtime", "upgraded", 2, std::nullopt, epoch, epoch + 24 * hour}));
}

TEST(unread_rows, what_waited_beside_the_ledger_is_added_to_it) {
  const temporary_ledger home;
  const temporary_ledger beside;
  ledger store = home.open();
  write(store, {note("a", epoch + 2, 10)});
  {
    ledger waiting = beside.open();
    write(waiting, {note("a", epoch + 1, 5), note("b", epoch)});
  }
  ASSERT_TRUE(store.take_over(beside.options).has_value());
  EXPECT_THAT(unread_in(home),
              ElementsAre(unread_note{"a", "/v1/realtime", "upgraded", 2, 15, epoch + 1, epoch + 2}, note("b", epoch)));
}

TEST(unread_rows, a_repair_keeps_them) {
  const temporary_ledger home;
  {
    ledger store = home.open();
    write(store, {note("a", epoch, 5)});
  }
  raw_database(home.options.file).run("DROP TABLE rollup_rule");
  EXPECT_EQ(check_ledger(home.options).value().faults.size(), 1u);
  ASSERT_TRUE(repair_ledger(home.options, "then").has_value());
  EXPECT_THAT(unread_in(home), ElementsAre(note("a", epoch, 5)));
}

TEST(unread_rows, a_ledger_without_their_table_is_damaged_and_is_repaired) {
  const temporary_ledger home;
  home.open();
  raw_database(home.options.file).run("DROP TABLE unread");
  EXPECT_THAT(check_ledger(home.options).value().faults, ElementsAre("the table unread is missing"));
  ASSERT_TRUE(repair_ledger(home.options, "then").has_value());
  EXPECT_THAT(unread_in(home), IsEmpty());
}

}  // namespace
}  // namespace usage
