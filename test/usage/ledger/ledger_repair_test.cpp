#include "usage/ledger/ledger_repair.hpp"

#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/ledger/ledger_check.hpp"
#include "usage/ledger/ledger_rescue.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t page_size = 4096;

/// What identifies a row wherever it is read from.
std::string mark_of(const usage_record& row) {
  return std::to_string(row.started_at) + row.host + row.raw_usage.substr(0, 40) + std::to_string(row.raw_usage.size());
}

std::vector<usage_record> long_rows(std::size_t count) {
  auto rows = random_rows(11, count, 30);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].raw_usage = "row " + std::to_string(i) + std::string(i % 7 == 0 ? 9000 : 100, 'u');
  return rows;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite_page(const std::filesystem::path& file, std::size_t page, const std::string& bytes) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>((page - 1) * page_size));
  out << bytes;
}

std::multiset<std::string> rescued_marks(const std::filesystem::path& file) {
  std::multiset<std::string> marks;
  rescue_rows(file, [&](const rescued_row& row) {
    const auto at = [&](const char* name) {
      const auto found = std::ranges::find(row.columns, std::string(name));
      return row.values[static_cast<std::size_t>(found - row.columns.begin())];
    };
    const auto usage = std::get<std::string>(at("raw_usage"));
    marks.insert(std::to_string(std::get<std::int64_t>(at("started_at"))) + std::get<std::string>(at("host")) +
                 usage.substr(0, 40) + std::to_string(usage.size()));
  });
  return marks;
}

class ledger_repair_of : public ::testing::Test {
 protected:
  void fill(std::size_t count) {
    rows_ = long_rows(count);
    ASSERT_TRUE(home_.open().insert(rows_).has_value());
    for (auto& row : rows_) marks_.insert(mark_of(row));
  }
  std::vector<std::string> faults() { return check_ledger(home_.options).value().faults; }
  repair_report repair() {
    auto report = repair_ledger(home_.options, "then");
    if (!report) throw std::runtime_error(report.error().message);
    return *report;
  }
  std::size_t kept() {
    auto reader = home_.reader();
    const auto read = all_rows(reader);
    for (const auto& row : read) EXPECT_TRUE(marks_.contains(mark_of(row))) << "a row that never was";
    return read.size();
  }

  temporary_ledger home_;
  std::vector<usage_record> rows_;
  std::multiset<std::string> marks_;
};

TEST_F(ledger_repair_of, a_whole_ledger_changes_nothing) {
  fill(100);
  EXPECT_THAT(faults(), IsEmpty());
  const auto before = content_of(home_.options.file);
  EXPECT_THAT(repair().faults, IsEmpty());
  EXPECT_EQ(content_of(home_.options.file), before);
}

TEST_F(ledger_repair_of, a_missing_table_sums_the_rows_again_and_keeps_the_damaged_file_by_name) {
  fill(300);
  raw_database(home_.options.file).run("DROP TABLE rollup_hour");
  EXPECT_THAT(faults(), ElementsAre("the table rollup_hour is missing"));
  EXPECT_THAT(ledger::open(home_.options).error().message, HasSubstr("the table rollup_hour is missing"));
  const auto report = repair();
  EXPECT_EQ(report.rows, 300);
  EXPECT_EQ(report.put_aside, home_.options.file.string() + ".damaged-then");
  EXPECT_EQ(raw_database(report.put_aside).run("SELECT count(*) FROM exchanges"), "300");
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(home_.reader().totals({}).value(), expected_totals({}, rows_));
  for (const group_by by : every_group)
    EXPECT_EQ(by_key(home_.reader().report(by, {}).value()), expected_groups(by, {}, rows_));
}

TEST_F(ledger_repair_of, sums_of_days_that_are_missing_or_wrong_are_found_and_made_anew) {
  fill(300);
  raw_database(home_.options.file).run("DROP TABLE rollup_day");
  EXPECT_THAT(faults(), ElementsAre("the table rollup_day is missing"));
  EXPECT_EQ(repair().rows, 300);
  EXPECT_THAT(faults(), IsEmpty());
  raw_database(home_.options.file)
      .run("UPDATE rollup_day SET output_total = output_total + 1 WHERE dimension = 'host'");
  EXPECT_THAT(faults(), ElementsAre("the sums in rollup_day are not those of the hours"));
  std::filesystem::remove(home_.options.file.string() + ".damaged-then");
  EXPECT_EQ(repair().rows, 300);
  EXPECT_THAT(faults(), IsEmpty());
  const time_range first{epoch_s, epoch_s + 86400};
  EXPECT_EQ(by_key(home_.reader().report(group_by::host, first).value()),
            expected_groups(group_by::host, first, rows_));
}

TEST_F(ledger_repair_of, a_missing_column_index_or_view_is_found_by_name) {
  fill(10);
  raw_database(home_.options.file)
      .run("DROP INDEX exchanges_conversation; DROP VIEW booked; ALTER TABLE exchanges DROP COLUMN rewrite");
  EXPECT_THAT(faults(), ElementsAre("the index exchanges_conversation is missing", "the view booked is missing",
                                    "the column exchanges.rewrite (TEXT NOT NULL) is missing"));
  EXPECT_EQ(repair().rows, 10);
  EXPECT_THAT(faults(), IsEmpty());
}

/// Every leaf in turn: its rows are gone, all others are there, whatever led to them.
TEST_F(ledger_repair_of, a_garbled_page_loses_at_most_the_rows_in_it) {
  fill(400);
  const std::string whole = content_of(home_.options.file);
  const std::size_t pages = whole.size() / page_size;
  const std::string garbage(page_size, '\xa5');
  for (std::size_t page = 1; page <= pages; page += 3) {
    std::ofstream(home_.options.file, std::ios::binary | std::ios::trunc) << whole;
    overwrite_page(home_.options.file, page, garbage);
    const auto rescued = rescued_marks(home_.options.file);
    for (const auto& mark : rescued) ASSERT_TRUE(marks_.contains(mark)) << "page " << page;
    // A leaf holds some twenty of these rows, an overflow page is of one.
    EXPECT_GE(rescued.size() + 30, rows_.size()) << "page " << page;
  }
}

TEST_F(ledger_repair_of, pages_garbled_at_random_keeps_every_row_that_can_be_read) {
  fill(400);
  const std::string whole = content_of(home_.options.file);
  std::mt19937_64 random(5);
  for (int round = 0; round < 12; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 40; ++i) damaged[page_size + random() % (damaged.size() - page_size)] ^= '\xff';
    std::filesystem::remove(home_.options.file.string() + ".damaged-then");
    std::ofstream(home_.options.file, std::ios::binary | std::ios::trunc) << damaged;
    auto marks = rescued_marks(home_.options.file);
    // A time whose sign was flipped is before every row that retention has left.
    std::erase_if(marks, [](const std::string& mark) { return mark.starts_with('-'); });
    const std::size_t readable = marks.size();
    if (faults().empty()) continue;  // in what nobody reads, or in a text
    const auto report = repair();
    EXPECT_EQ(static_cast<std::size_t>(report.rows), readable);
    EXPECT_GT(readable, rows_.size() / 2);
    EXPECT_THAT(faults(), IsEmpty());
    EXPECT_TRUE(home_.open().insert(std::array{model_call(epoch, "later", 1, 1)}).has_value());
  }
}

TEST_F(ledger_repair_of, sums_of_all_time_that_are_wrong_are_found) {
  fill(50);
  raw_database(home_.options.file).run("UPDATE rollup_total SET thinking = 1 WHERE dimension = 'conversation'");
  EXPECT_THAT(faults(), ElementsAre("the sums in rollup_total are not those of the hours"));
}

TEST_F(ledger_repair_of, a_destroyed_first_page_still_finds_the_rows) {
  fill(200);
  overwrite_page(home_.options.file, 1, std::string(page_size, '\x5a'));
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("not a database")));
  const auto report = repair();
  EXPECT_EQ(report.rows, 200);
  EXPECT_EQ(report.from_pages, 200);
  EXPECT_EQ(kept(), 200u);
  EXPECT_EQ(home_.reader().totals({}).value(), expected_totals({}, rows_));
}

TEST_F(ledger_repair_of, a_truncated_file_keeps_the_rows_before_the_cut) {
  fill(400);
  std::filesystem::resize_file(home_.options.file, std::filesystem::file_size(home_.options.file) / 2 + 100);
  EXPECT_FALSE(faults().empty());
  repair();
  EXPECT_GT(kept(), 50u);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ledger_repair_of, a_row_that_the_cut_goes_through_is_not_kept_with_half_its_bytes) {
  fill(60);
  const auto size = std::filesystem::file_size(home_.options.file);
  for (auto cut = size - 50; cut > size / 2; cut -= 777) {
    std::filesystem::resize_file(home_.options.file, cut);
    for (const auto& mark : rescued_marks(home_.options.file)) ASSERT_TRUE(marks_.contains(mark)) << "cut at " << cut;
  }
}

TEST_F(ledger_repair_of, what_only_the_log_holds_is_kept_too) {
  fill(50);
  {
    // A second connection keeps the log from being moved into the file.
    raw_database reader(home_.options.file);
    reader.run("BEGIN; SELECT count(*) FROM exchanges");
    auto later = random_rows(12, 60, 3);
    for (auto& row : later) marks_.insert(mark_of(row));
    ASSERT_TRUE(home_.open().insert(later).has_value());
    std::filesystem::copy(home_.options.file, home_.directory / "copy.db");
    std::filesystem::copy(log_of(home_.options.file), log_of(home_.directory / "copy.db"));
    reader.run("COMMIT");
  }
  home_.options.file = home_.directory / "copy.db";
  overwrite_page(home_.options.file, 1, std::string(page_size, '\0'));
  const auto rescued = rescued_marks(home_.options.file);
  EXPECT_EQ(rescued, marks_);
}

TEST_F(ledger_repair_of, sums_of_hours_whose_rows_retention_has_deleted_stay) {
  fill(200);
  home_.options.retention_days = 1;
  {
    ledger store = home_.open();
    while (store.apply_retention(epoch + 40 * hour).value().more) {
    }
  }
  const auto totals = home_.reader().totals({}).value();
  EXPECT_EQ(totals, expected_totals({}, rows_));
  raw_database(home_.options.file).run("DROP INDEX exchanges_started_at");
  const auto report = repair();
  EXPECT_LT(report.rows, 200);
  EXPECT_EQ(home_.reader().totals({}).value(), totals);
  EXPECT_EQ(home_.reader().summary(every_group, {}).value().totals, totals);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ledger_repair_of, sums_of_lost_rows_stay_where_they_can_be_read) {
  fill(400);
  const auto totals = home_.reader().totals({}).value();
  // A leaf of the table, wherever it is: rows go, their sums are elsewhere.
  const std::string whole = content_of(home_.options.file);
  const auto is_leaf_of_rows = [&](std::size_t page) {
    const auto bytes = std::string_view(whole).substr((page - 1) * page_size, page_size);
    return bytes[0] == 13 && bytes[4] >= 5 && bytes.find("/v1/responses") != std::string_view::npos;
  };
  std::size_t page = 2;
  while (!is_leaf_of_rows(page)) ++page;
  overwrite_page(home_.options.file, page, std::string(page_size, '\0'));
  EXPECT_LT(repair().rows, 400);
  EXPECT_EQ(home_.reader().totals({}).value(), totals);
  const auto found = check_ledger(home_.options).value();
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_THAT(found.facts, Contains(HasSubstr("whose rows are lost")));
}

TEST_F(ledger_repair_of, ids_are_never_given_twice_and_rows_keep_theirs) {
  fill(20);
  raw_database(home_.options.file).run("DELETE FROM exchanges WHERE id > 15; DROP TABLE rollup_rule");
  repair();
  ASSERT_TRUE(home_.open().insert(std::array{model_call(epoch, "later", 1, 1)}).has_value());
  auto reader = home_.reader();
  EXPECT_EQ(all_rows(reader).back().id, 21);
}

TEST_F(ledger_repair_of, a_ledger_that_is_written_to_is_refused_in_words) {
  fill(10);
  raw_database(home_.options.file).run("DROP TABLE rollup_rule");
  const ledger_lock service(home_.options.file, ledger_lock::kind::shared);
  const auto refused = repair_ledger(home_.options, "then");
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("end that first"));
  EXPECT_FALSE(std::filesystem::exists(home_.options.file.string() + ".damaged-then"));
}

TEST_F(ledger_repair_of, a_newer_or_another_programs_database_is_refused_and_left_alone) {
  fill(10);
  raw_database(home_.options.file).run("PRAGMA user_version = 99");
  EXPECT_THAT(repair_ledger(home_.options, "then").error().message, HasSubstr("newer"));
  home_.options.file = home_.directory / "notes.db";
  raw_database(home_.options.file).run("CREATE TABLE notes (text TEXT)");
  EXPECT_THAT(repair_ledger(home_.options, "then").error().message, HasSubstr("not a zerogravity ledger"));
}

TEST_F(ledger_repair_of, a_ledger_that_says_to_be_older_than_it_is_is_mended) {
  fill(10);
  raw_database(home_.options.file).run("PRAGMA user_version = 2");
  EXPECT_THAT(faults(), Contains(HasSubstr("the table rollup_rule is of a later version")));
  EXPECT_EQ(repair().rows, 10);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ledger_repair_of, an_older_ledger_is_whole_and_no_matter_of_repair) {
  std::filesystem::copy(std::filesystem::path(LEDGER_FILES) / "version_1.db", home_.options.file);
  const auto found = check_ledger(home_.options).value();
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_THAT(found.facts, Contains(HasSubstr("its schema version 1 is an older one")));
  EXPECT_TRUE(repair().put_aside.empty());
}

TEST_F(ledger_repair_of, a_damaged_older_ledger_becomes_a_whole_new_one) {
  std::filesystem::copy(std::filesystem::path(LEDGER_FILES) / "version_1.db", home_.options.file);
  const auto rows = std::stoll(raw_database(home_.options.file).run("SELECT count(*) FROM exchanges"));
  overwrite_page(home_.options.file, 1, std::string(page_size, '\x5a'));
  EXPECT_EQ(repair().rows, rows);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ledger_repair_of, a_changed_application_id_is_a_damage_and_no_foreign_file) {
  fill(10);
  raw_database(home_.options.file).run("PRAGMA application_id = 1");
  EXPECT_EQ(repair().rows, 10);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ledger_repair_of, a_missing_file_is_an_error_with_its_name) {
  EXPECT_THAT(repair_ledger(home_.options, "then").error().message, HasSubstr("usage.db"));
}

TEST_F(ledger_repair_of, rows_written_beside_it_come_over_once) {
  fill(30);
  ledger_options beside = home_.options;
  beside.file = pending_of(home_.options.file);
  auto later = random_rows(13, 40, 3);
  later[1].row_key = 77;
  later[2].duration_ms = 5;
  ASSERT_TRUE(std::move(ledger::open(beside)).value().insert(later).has_value());
  // Half of them had come over when somebody pulled the plug.
  ASSERT_TRUE(home_.open().insert(std::span(later).first(20)).has_value());
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("40 rows wait in")));
  EXPECT_EQ(repair().came_over, 20);
  EXPECT_FALSE(std::filesystem::exists(beside.file));
  auto all = rows_;
  all.insert(all.end(), later.begin(), later.end());
  EXPECT_EQ(home_.reader().totals({}).value(), expected_totals({}, all));
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(ledger_repair_of, a_damaged_file_beside_it_is_mended_before_it_comes_over) {
  fill(30);
  ledger_options beside = home_.options;
  beside.file = pending_of(home_.options.file);
  ASSERT_TRUE(std::move(ledger::open(beside)).value().insert(random_rows(13, 40, 3)).has_value());
  overwrite_page(beside.file, 1, std::string(page_size, '\x5a'));
  raw_database(home_.options.file).run("DROP TABLE rollup_rule");
  EXPECT_EQ(repair().came_over, 40);
}

}  // namespace
}  // namespace usage
