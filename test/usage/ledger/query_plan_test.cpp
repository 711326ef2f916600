// What the ledger asks SQLite: no statement of reports, of writing, of placing or of verifying reads a whole table, but
// for those that are named here.

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/fetched_answer.hpp"
#include "usage/ledger/corrections.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::IsEmpty;

/// Tables that grow with what is booked. Others are small whatever happens (watermarks, unread) or are SQLite's own.
const std::set<std::string> grown{
    "exchanges",          "rollup_hour",          "rollup_conversation", "rollup_process",
    "rollup_rule",        "rollup_total",         "rollup_day",          "server_usage",
    "conversation_turns", "conversation_parents", "corrections",         "account_window_change"};

/// What may be walked: by this index, which has few of the rows, and newest first up to a limit.
const std::set<std::string> named{"SCAN exchanges USING INDEX exchanges_transcript"};

/// Statements of all connections that are opened while it lives.
class recorded_statements {
 public:
  recorded_statements() {
    self() = this;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&on_open));
  }
  ~recorded_statements() {
    sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&on_open));
    self() = nullptr;
  }
  recorded_statements(const recorded_statements&) = delete;
  recorded_statements& operator=(const recorded_statements&) = delete;

  void clear() {
    const std::lock_guard lock(mutex_);
    all_.clear();
  }
  std::set<std::string> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  static recorded_statements*& self() {
    static recorded_statements* one = nullptr;
    return one;
  }
  static int on_open(sqlite3* database, const char**, const void*) {
    return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, &on_statement, nullptr);
  }
  static int on_statement(unsigned, void*, void* statement, void*) {
    if (self() == nullptr) return 0;
    const std::lock_guard lock(self()->mutex_);
    self()->all_.insert(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
    return 0;
  }

  std::mutex mutex_;
  std::set<std::string> all_;
};

/// "SCAN exchanges", with the statement that does it.
using scans = std::map<std::string, std::string>;

/// Names a table by its alias as well.
std::string scanned_table(const std::string& detail) {
  if (!detail.starts_with("SCAN ")) return {};
  const std::string name = detail.substr(5, detail.find(' ', 5) - 5);
  return grown.contains(name) ? name : std::string();
}

std::vector<std::string> plan_of(sqlite3* database, const std::string& sql) {
  std::vector<std::string> lines;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error(std::string(sqlite3_errmsg(database)) + ": " + sql);
  while (sqlite3_step(statement) == SQLITE_ROW)
    lines.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 3)));
  sqlite3_finalize(statement);
  return lines;
}

bool can_be_explained(const std::string& sql) {
  return std::ranges::any_of(std::array{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"},
                             [&](const char* verb) { return sql.starts_with(verb); });
}

scans scans_of(sqlite3* database, const std::set<std::string>& statements) {
  scans found;
  for (const std::string& sql : statements) {
    if (!can_be_explained(sql)) continue;
    for (const std::string& line : plan_of(database, sql))
      if (const auto table = scanned_table(line); !table.empty() && !named.contains(line)) found.emplace(line, sql);
  }
  return found;
}

class query_plan : public ::testing::Test {
 protected:
  query_plan() {
    ledger store = home_.open();
    fill(store);
    store = home_.open();
    auto reader = home_.reader();
    record_.clear();  // opening and migrating may read everything
    write(store);
    report(reader);
    for (const auto step : {1, 2, 3}) EXPECT_TRUE(store.apply_retention(epoch + step * 24 * hour).has_value());
    statements_ = record_.all();
    std::erase_if(statements_, [](const std::string& sql) { return sql.starts_with("--"); });  // of a nested statement
    EXPECT_EQ(sqlite3_open(home_.options.file.c_str(), &database_), SQLITE_OK);
  }
  ~query_plan() override { sqlite3_close(database_); }

  static void fill(ledger& store) { EXPECT_TRUE(store.insert(random_rows(1, 300, 100)).has_value()); }

  static void write(ledger& store) {
    usage_record row = model_call(epoch + 5 * 24 * hour, "m", 1, 1);
    row.row_key = 5;
    row.response_id = "r";
    row.conversation = "c";
    row.rules = "rule";
    row.raw_usage = R"({"input_tokens":9,"output_tokens":2})";
    usage_record open = row;
    open.row_key = 6;
    open.response_id = "background";
    open.tokens = {};
    usage_record fetch = row;
    fetch.row_key = 7;
    fetch.response_id = "background";
    fetch.request_kind = fetch_kind;
    usage_record late = open;
    late.row_key = 8;
    usage_record next = row;
    next.row_key = 9;
    next.response_id = "next";
    next.attributed_by = "body:previous_response_id";
    next.conversation = "r";
    placement where;
    where.row = 5;
    where.conversation = "d";
    where.rule = "call";
    server_call call;
    call.response_id = "r";
    call.conversation = "c";
    conversation_turn turn;
    turn.conversation = "c";
    turn.request_id = "q";
    const std::vector<ledger_entry> entries{row,
                                            open,
                                            fetch,
                                            late,
                                            next,
                                            where,
                                            call,
                                            call,
                                            turn,
                                            conversation_parent{"child", "c", epoch},
                                            unread_note{"h", "/p", "upgraded", 1, 1, epoch, epoch},
                                            correction{301, epoch, "v"},
                                            verified_rows{300, 0, 1}};
    EXPECT_TRUE(store.write(entries).has_value());
  }

  static void report(ledger_reader& reader) {
    const time_range ranges[]{{}, {epoch_s + 1234, epoch_s + 90 * 3600}, {epoch_s + 4000, {}}};
    for (const time_range& range : ranges) {
      EXPECT_TRUE(reader.summary(every_group, range).has_value());
      EXPECT_TRUE(reader.totals(range).has_value());
      EXPECT_TRUE(reader.unread(range).has_value());
    }
    for (const auto width : {bucket_width::minute, bucket_width::hour, bucket_width::day})
      for (const bool by_model : {false, true})
        EXPECT_TRUE(reader.buckets({epoch_s, epoch_s + 86'400, width, by_model}).has_value());
    for (const bool ascending : {false, true}) EXPECT_TRUE(reader.exchanges({10, std::nullopt, ascending}).has_value());
    for (const char* name : {"c", "d", "conversation-1", "none"}) {
      EXPECT_TRUE(reader.conversation(name).has_value());
      EXPECT_TRUE(reader.sides(name).has_value());
    }
    EXPECT_TRUE(reader.sides("").has_value());
    EXPECT_TRUE(reader.compared({epoch, 10}).has_value());
    EXPECT_TRUE(reader.unattributed(epoch, 10).has_value());
    EXPECT_TRUE(reader.transcripts(10).has_value());
    EXPECT_TRUE(reader.windows({}).has_value());
    EXPECT_TRUE(reader.last_exchange_at().has_value());
    EXPECT_TRUE(reader.read_again().has_value());
    EXPECT_TRUE(reader.differing(0, 10).has_value());
  }

  recorded_statements record_;
  const temporary_ledger home_;
  std::set<std::string> statements_;
  sqlite3* database_ = nullptr;
};

TEST_F(query_plan, no_statement_reads_a_whole_table_but_those_named) {
  scans found = scans_of(database_, statements_);
  EXPECT_GT(statements_.size(), 60u);
  EXPECT_THAT(found, IsEmpty());
}

/// The indices that what is done every day goes by. Without one of them, some statement reads a whole table.
TEST_F(query_plan, a_missing_index_is_noticed) {
  for (const char* index : {"exchanges_started_at", "exchanges_row_key", "exchanges_response", "exchanges_conversation",
                            "server_usage_conversation", "conversation_parents_parent", "rollup_conversation_hour"}) {
    ASSERT_EQ(sqlite3_exec(database_, (std::string("BEGIN; DROP INDEX ") + index).c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK);
    EXPECT_FALSE(scans_of(database_, statements_).empty()) << index;
    ASSERT_EQ(sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  }
}

}  // namespace
}  // namespace usage
