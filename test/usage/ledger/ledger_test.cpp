#include "usage/ledger/ledger.hpp"

#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <tuple>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::HasSubstr;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat about{};
  stat(file.c_str(), &about);
  return about.st_mode & 0777;
}

TEST(ledger, a_row_comes_back_as_it_was_stored) {
  const temporary_ledger home;
  usage_record row = model_call(epoch + 5, "requested", 10, 20);
  row.first_byte_ms = 12;
  row.duration_ms = 345;
  row.request_kind = "agent";
  row.streamed = true;
  row.served_model = "served";
  row.response_id = "resp_1";
  row.trace_id = "trace";
  row.conversation = "c1";
  row.attributed_by = "request_id";
  row.trajectory_id = "t1";
  row.execution_id = "e1";
  row.step = 7;
  row.attempt = 2;
  row.error_reason = "QUOTA_EXHAUSTED";
  row.retry_delay_ms = 900;
  row.tokens.cache_read = 3;
  row.raw_usage = R"({"input_tokens":13})";
  row.request_bytes = 111;
  row.response_bytes = 222;
  row.pid = 4711;
  row.uid = 1000;
  row.executable = "/usr/bin/node";
  row.cgroup = "/user.slice/session-3.scope";
  row.transport = transport::websocket;
  ASSERT_TRUE(home.open().insert(std::span(&row, 1)).has_value());

  ledger_reader reader = home.reader();
  const auto rows = all_rows(reader);
  ASSERT_EQ(rows.size(), 1u);
  const usage_record& stored = rows[0];
  EXPECT_GT(stored.id, 0);
  const auto members = [](const usage_record& r) {
    return std::tie(r.started_at, r.first_byte_ms, r.duration_ms, r.host, r.method, r.path, r.provider, r.kind,
                    r.request_kind, r.status, r.http_status, r.streamed, r.requested_model, r.served_model,
                    r.response_id, r.trace_id, r.conversation, r.attributed_by, r.trajectory_id, r.execution_id, r.step,
                    r.attempt, r.error_reason, r.retry_delay_ms, r.tokens, r.raw_usage, r.request_bytes,
                    r.response_bytes, r.pid, r.uid, r.executable, r.cgroup, r.transport);
  };
  EXPECT_TRUE(members(stored) == members(row));
}

TEST(ledger, a_prewarm_shows_its_tokens_and_no_sum_includes_them) {
  const temporary_ledger home;
  usage_record prewarm = model_call(epoch, "m", 1000, 0);
  prewarm.kind = call_kind::prewarm;
  prewarm.conversation = "c";
  prewarm.tokens.cache_read = 20;
  prewarm.tokens.cache_write = 30;
  prewarm.tokens.thinking = 0;
  usage_record turn = model_call(epoch + 1, "m", 7, 3);
  turn.conversation = "c";
  ASSERT_TRUE(home.open().insert(std::array{prewarm, turn}).has_value());
  ledger_reader reader = home.reader();
  EXPECT_EQ(all_rows(reader)[0].tokens, prewarm.tokens);
  usage_totals expected;
  expected.requests = 1;
  expected.other_requests = 1;
  expected.input_tokens = expected.input_uncached_tokens = 7;
  expected.output_tokens = 3;
  EXPECT_EQ(reader.totals({}).value(), expected);
  for (const group_by by : {group_by::model, group_by::conversation, group_by::host, group_by::process})
    EXPECT_EQ(reader.report(by, {}).value().at(0).totals, expected);
}

TEST(ledger, the_file_and_its_log_are_for_the_owner_only) {
  const temporary_ledger home;
  ledger store = home.open();
  const usage_record row = model_call(epoch, "m", 1, 1);
  ASSERT_TRUE(store.insert(std::span(&row, 1)).has_value());
  EXPECT_EQ(mode_of(home.options.file), 0600u);
  EXPECT_EQ(mode_of(home.options.file.string() + "-wal"), 0600u);
  EXPECT_EQ(mode_of(home.options.file.string() + "-shm"), 0600u);
}

TEST(ledger, a_ledger_that_others_could_read_is_closed_to_them) {
  const temporary_ledger home;
  home.open();
  ASSERT_EQ(chmod(home.options.file.c_str(), 0644), 0);
  home.open();
  EXPECT_EQ(mode_of(home.options.file), 0600u);
}

TEST(ledger, commits_go_to_a_log_and_pages_can_be_given_back) {
  const temporary_ledger home;
  home.open();
  raw_database raw(home.options.file);
  EXPECT_EQ(raw.run("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(raw.run("PRAGMA auto_vacuum"), "2");
}

TEST(ledger, rows_and_roll_ups_are_there_after_reopening) {
  const temporary_ledger home;
  const auto rows = random_rows(1, 300, 4);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  const usage_record more = model_call(epoch, "more", 5, 6);
  ASSERT_TRUE(home.open().insert(std::span(&more, 1)).has_value());
  auto all = rows;
  all.push_back(more);
  EXPECT_EQ(home.reader().totals({}).value(), expected_totals({}, all));
}

TEST(ledger, a_row_with_a_key_is_booked_once) {
  const temporary_ledger home;
  ledger store = home.open();
  usage_record row = model_call(epoch, "m", 100, 10);
  row.response_id = "resp_1";
  row.row_key = 1;
  usage_record other = row;
  other.row_key = 2;
  const std::array batch{row, row, other};
  const insert_outcome first = store.insert(batch).value();
  EXPECT_EQ(first.inserted, 2u);
  EXPECT_EQ(first.duplicates, 1u);
  row.tokens.output_total = 999;
  const insert_outcome again = store.insert(std::span(&row, 1)).value();
  EXPECT_EQ(again.inserted, 0u);
  EXPECT_EQ(again.duplicates, 1u);
  const usage_totals totals = home.reader().totals({}).value();
  EXPECT_EQ(totals.requests, 2);
  EXPECT_EQ(totals.input_tokens, 200);
  EXPECT_EQ(totals.output_tokens, 20);
}

TEST(ledger, rows_without_a_response_id_are_all_booked) {
  const temporary_ledger home;
  usage_record row = model_call(epoch, "m", 0, 0);
  row.status = record_status::error;
  row.http_status = 429;
  row.tokens = {};
  const std::array batch{row, row, row};
  EXPECT_EQ(home.open().insert(batch).value().inserted, 3u);
  EXPECT_EQ(home.reader().totals({}).value().errors, 3);
}

TEST(ledger, an_absurd_count_does_not_spoil_the_sums) {
  const temporary_ledger home;
  ledger store = home.open();
  const auto huge = std::numeric_limits<std::int64_t>::max();
  const std::array batch{model_call(epoch, "m", huge, huge), model_call(epoch, "m", huge, -5)};
  ASSERT_TRUE(store.insert(batch).has_value());
  const usage_totals totals = home.reader().totals({}).value();
  EXPECT_EQ(totals.input_tokens, 2 * max_booked_tokens);
  EXPECT_EQ(totals.output_tokens, max_booked_tokens);
}

TEST(ledger, a_batch_that_fails_half_way_leaves_nothing) {
  const temporary_ledger home;
  ledger store = home.open();
  raw_database(home.options.file)
      .run(
          "CREATE TRIGGER refuse BEFORE INSERT ON exchanges WHEN new.host = 'bad' BEGIN SELECT RAISE(FAIL, 'no'); END");
  std::array batch{model_call(epoch, "m", 1, 1), model_call(epoch, "m", 1, 1)};
  batch[1].host = "bad";
  const auto outcome = store.insert(batch);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(outcome.error().message, HasSubstr(home.options.file.string()));
  EXPECT_EQ(home.reader().totals({}).value(), usage_totals{});
  EXPECT_EQ(store.insert(std::span(batch).first(1)).value().inserted, 1u);
}

struct refused_file {
  const char* what;
  std::function<void(const std::filesystem::path&)> make;
  const char* words;
};

class ledger_refusal : public ::testing::TestWithParam<refused_file> {};

TEST_P(ledger_refusal, is_an_error_that_names_the_file_and_leaves_it_alone) {
  const temporary_ledger home;
  GetParam().make(home.options.file);
  const std::string before = bytes_of(home.options.file);
  const mode_t mode = mode_of(home.options.file);
  const auto opened = ledger::open(home.options);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr(home.options.file.string()));
  EXPECT_THAT(opened.error().message, HasSubstr(GetParam().words));
  EXPECT_FALSE(ledger_reader::open(home.options).has_value());
  EXPECT_EQ(bytes_of(home.options.file), before);
  EXPECT_EQ(mode_of(home.options.file), mode);
}

void overwrite(const std::filesystem::path& file, std::streamoff at, const std::string& bytes) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(at);
  out << bytes;
}

INSTANTIATE_TEST_SUITE_P(
    of, ledger_refusal,
    ::testing::Values(refused_file{"text", [](auto& file) { std::ofstream(file) << std::string(5000, 'x'); },
                                   "not a database"},
                      refused_file{"another_program_s_database",
                                   [](auto& file) {
                                     raw_database(file).run(
                                         "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('a')");
                                   },
                                   "not a zerogravity ledger"},
                      refused_file{"a_newer_schema",
                                   [](auto& file) {
                                     ledger_options options;
                                     options.file = file;
                                     std::move(ledger::open(options)).value();
                                     raw_database(file).run("PRAGMA user_version = 99");
                                   },
                                   "schema version 99 is newer"},
                      refused_file{"a_damaged_file",
                                   [](auto& file) {
                                     ledger_options options;
                                     options.file = file;
                                     std::move(ledger::open(options)).value();
                                     overwrite(file, 100, std::string(1000, '\x7f'));
                                   },
                                   "malformed"}),
    [](const auto& info) { return std::string(info.param.what); });

TEST(ledger, a_directory_that_does_not_exist_is_named) {
  ledger_options options;
  options.file = "/nonexistent-directory/usage.db";
  const auto opened = ledger::open(options);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("/nonexistent-directory/usage.db: No such file or directory"));
}

TEST(ledger, what_was_booked_before_processes_were_known_is_of_no_known_one) {
  const temporary_ledger home;
  const auto rows = random_rows(7, 50, 3);
  ASSERT_TRUE(home.open().insert(rows).has_value());
  raw_database(home.options.file)
      .run(
          "DROP VIEW booked; DROP TABLE rollup_process; DROP TABLE rollup_rule; DROP TABLE rollup_total; DROP TABLE "
          "rollup_day; DROP TABLE unread; DROP TABLE account_window; DROP TABLE account_window_change; DROP INDEX "
          "exchanges_fetch;"
          "ALTER TABLE exchanges DROP COLUMN transport; ALTER TABLE exchanges DROP COLUMN pid;"
          "ALTER TABLE exchanges DROP COLUMN rules; ALTER TABLE exchanges DROP COLUMN rewrite;"
          "ALTER TABLE exchanges DROP COLUMN uid; ALTER TABLE exchanges DROP COLUMN executable;"
          "ALTER TABLE exchanges DROP COLUMN cgroup; CREATE VIEW booked AS SELECT 1; PRAGMA user_version = 2");
  usage_record later = model_call(epoch + 1, "m", 5, 5);
  later.executable = "/usr/bin/node";
  ASSERT_TRUE(home.open().insert(std::span(&later, 1)).has_value());
  ledger_reader reader = home.reader();
  const auto processes = by_key(reader.report(group_by::process, {}).value());
  EXPECT_EQ(processes.at("").totals, expected_totals({}, rows));
  EXPECT_EQ(processes.at("/usr/bin/node").totals.output_tokens, 5);
}

TEST(ledger, a_file_left_empty_by_a_crash_becomes_a_ledger) {
  const temporary_ledger home;
  std::ofstream(home.options.file).flush();
  EXPECT_FALSE(ledger_reader::open(home.options).has_value());
  EXPECT_TRUE(ledger::open(home.options).has_value());
  EXPECT_TRUE(ledger_reader::open(home.options).has_value());
}

TEST(ledger, opens_while_another_connection_holds_its_lock) {
  const temporary_ledger home;
  home.open();
  raw_database other(home.options.file);
  other.run("BEGIN IMMEDIATE");
  EXPECT_TRUE(ledger::open(home.options).has_value());
  other.run("ROLLBACK");
}

}  // namespace
}  // namespace usage
