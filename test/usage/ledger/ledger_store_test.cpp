#include "usage/ledger/ledger_store.hpp"

#include <chrono>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/ledger/ledger_check.hpp"
#include "usage/ledger/ledger_repair.hpp"

namespace usage {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class ledger_store_of : public ::testing::Test {
 protected:
  ledger_store open() { return std::move(ledger_store::open(home_.options)).value(); }
  static std::vector<ledger_entry> calls(int count, std::int64_t at = epoch) {
    std::vector<ledger_entry> entries;
    for (int i = 0; i < count; ++i) entries.emplace_back(model_call(at + i, "m", 1, 1));
    return entries;
  }
  static std::int64_t requests(const ledger_store& store) {
    ledger_options options;
    options.file = store.file();
    return std::move(ledger_reader::open(options)).value().totals({}).value().requests;
  }
  static void wait_for_reopen() { std::this_thread::sleep_for(reopen_pause + std::chrono::milliseconds(50)); }
  fs::path file() const { return home_.options.file; }
  fs::path pending() const { return pending_of(home_.options.file); }

  temporary_ledger home_;
};

struct broken_ledger {
  const char* what;
  std::function<void(const fs::path&)> make;
  const char* words;
};

class ledger_store_beside : public ledger_store_of, public ::testing::WithParamInterface<broken_ledger> {};

TEST_P(ledger_store_beside, takes_rows_into_a_file_beside_it_and_says_what_to_do) {
  home_.open();
  GetParam().make(file());
  auto store = open();
  EXPECT_THAT(store.trouble(), HasSubstr(file().string()));
  EXPECT_THAT(store.trouble(), HasSubstr(GetParam().words));
  EXPECT_THAT(store.trouble(), HasSubstr("new rows go to " + pending().string()));
  EXPECT_EQ(store.file(), pending());
  EXPECT_EQ(store.write(calls(3)).value().inserted, 3u);
  EXPECT_EQ(requests(store), 3);
}

INSTANTIATE_TEST_SUITE_P(
    of, ledger_store_beside,
    ::testing::Values(
        broken_ledger{"a_garbled_file", [](auto& file) { std::ofstream(file) << std::string(9000, 'x'); },
                      "run: zerogravity ledger repair"},
        broken_ledger{"a_missing_table", [](auto& file) { raw_database(file).run("DROP TABLE rollup_hour"); },
                      "rollup_hour is missing"},
        broken_ledger{"a_newer_one", [](auto& file) { raw_database(file).run("PRAGMA user_version = 99"); },
                      "update zerogravity"},
        broken_ledger{"a_half_migrated_one", [](auto& file) { raw_database(file).run("PRAGMA user_version = 2"); },
                      "run: zerogravity ledger repair"},
        broken_ledger{"a_directory", [](auto& file) { fs::remove(file), fs::create_directory(file); }, "a directory"},
        broken_ledger{"a_named_pipe", [](auto& file) { fs::remove(file), ::mkfifo(file.c_str(), 0600); },
                      "a named pipe"},
        broken_ledger{"a_link_that_leads_nowhere",
                      [](auto& file) { fs::remove(file), fs::create_symlink("/nonexistent", file); }, "leads nowhere"}),
    [](const auto& info) { return std::string(info.param.what); });

TEST_F(ledger_store_of, rows_come_over_once_the_ledger_is_repaired_while_it_runs) {
  ASSERT_TRUE(open().write(calls(5)).has_value());
  raw_database(file()).run("DROP TABLE rollup_hour");
  auto store = open();
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  ASSERT_TRUE(repair_ledger(home_.options, "then").has_value());
  wait_for_reopen();
  ASSERT_TRUE(store.write(calls(1, epoch + 200)).has_value());
  EXPECT_EQ(store.file(), file());
  EXPECT_EQ(store.trouble(), "");
  EXPECT_THAT(store.take_notes(), Contains(HasSubstr("3 rows of")));
  EXPECT_EQ(requests(store), 9);
  EXPECT_FALSE(fs::exists(pending()));
  EXPECT_THAT(check_ledger(home_.options).value().faults, IsEmpty());
}

TEST_F(ledger_store_of, rows_come_over_at_the_next_start_with_a_whole_ledger) {
  home_.open();
  fs::rename(file(), home_.directory / "kept");
  std::ofstream(file()) << std::string(9000, 'x');
  ASSERT_TRUE(open().write(calls(4)).has_value());
  fs::rename(home_.directory / "kept", file());
  auto store = open();
  EXPECT_EQ(store.trouble(), "");
  store.take_over_pending();
  EXPECT_EQ(requests(store), 4);
}

TEST_F(ledger_store_of, where_nothing_can_be_written_it_is_an_error_that_names_owner_mode_and_command) {
  if (::geteuid() == 0) {
    EXPECT_EQ(exit_status_of([this] {
                ::chown(home_.directory.c_str(), 65534, 65534);
                if (::setuid(65534) != 0) return 1;
                ::chmod(home_.directory.c_str(), 0500);
                const auto refused = ledger_store::open(home_.options);
                if (refused.has_value()) return 2;
                const auto& words = refused.error().message;
                const bool complete = words.find("(uid 65534), mode 0500") != std::string::npos &&
                                      words.find("run: chmod u+rwx " + home_.directory.string()) != std::string::npos;
                return complete ? 0 : 3;
              }),
              0);
    return;
  }
  fs::permissions(home_.directory, fs::perms::owner_read | fs::perms::owner_exec);
  const auto refused = ledger_store::open(home_.options);
  fs::permissions(home_.directory, fs::perms::owner_all);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("mode 0500"));
  EXPECT_THAT(refused.error().message, HasSubstr("run: chmod u+rwx " + home_.directory.string()));
}

/// As a user for whom a mode means something.
TEST_F(ledger_store_of, a_ledger_and_a_log_index_that_their_owner_cannot_write_are_mended_at_once) {
  EXPECT_EQ(exit_status_of([this] {
              ::chown(home_.directory.c_str(), 65534, 65534);
              if (::geteuid() == 0 && ::setuid(65534) != 0) return 1;
              home_.open();
              std::ofstream(log_index_of(file())) << std::string(32768, '\0');
              ::chmod(file().c_str(), 0400);
              ::chmod(log_index_of(file()).c_str(), 0400);
              auto store = open();
              if (!store.trouble().empty()) return 2;
              return store.write(calls(1)).has_value() && store.file() == file() ? 0 : 3;
            }),
            0);
}

TEST_F(ledger_store_of, a_ledger_of_another_user_is_named_with_owner_and_command) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  home_.open();
  EXPECT_EQ(exit_status_of([this] {
              ::chown(home_.directory.c_str(), 65534, 65534);
              if (::setuid(65534) != 0) return 1;
              auto store = open();
              const auto& words = store.trouble();
              if (words.find("belongs to root (uid 0), mode 0600") == std::string::npos) return 2;
              if (words.find("run: sudo chown") == std::string::npos) return 3;
              return store.write(calls(1)).has_value() ? 0 : 4;
            }),
            0);
}

TEST_F(ledger_store_of, a_link_of_ours_to_a_ledger_of_ours_is_followed) {
  fs::create_directory(home_.directory / "elsewhere");
  fs::permissions(home_.directory / "elsewhere", fs::perms::owner_all);
  std::ofstream(home_.directory / "elsewhere/real.db").flush();
  fs::create_symlink(home_.directory / "elsewhere/real.db", file());
  auto store = open();
  EXPECT_EQ(store.trouble(), "");
  ASSERT_TRUE(store.write(calls(2)).has_value());
  EXPECT_TRUE(fs::is_symlink(file()));
  EXPECT_EQ(requests(store), 2);
}

TEST_F(ledger_store_of, a_link_into_a_directory_that_others_write_to_is_not_followed) {
  fs::create_directory(home_.directory / "open");
  fs::permissions(home_.directory / "open", fs::perms::all);
  std::ofstream(home_.directory / "open/real.db").flush();
  fs::create_symlink(home_.directory / "open/real.db", file());
  EXPECT_THAT(open().trouble(), HasSubstr("chmod go-w " + (home_.directory / "open").string()));
}

// ---- while it is open

TEST_F(ledger_store_of, a_deleted_file_is_written_again_with_every_row) {
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  fs::remove(file());
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_THAT(store.take_notes(), Contains(HasSubstr("was deleted while in use")));
  EXPECT_EQ(requests(store), 8);
  EXPECT_THAT(check_ledger(home_.options).value().faults, IsEmpty());
}

TEST_F(ledger_store_of, a_deleted_directory_is_made_again_with_every_row) {
  fs::create_directory(home_.directory / "state");
  home_.options.file = home_.directory / "state/usage.db";
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  fs::remove_all(home_.directory / "state");
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_EQ(requests(store), 8);
}

TEST_F(ledger_store_of, a_deleted_log_loses_nothing) {
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  fs::remove(log_of(file()));
  fs::remove(log_index_of(file()));
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_EQ(requests(store), 8);
  EXPECT_TRUE(fs::exists(log_of(file())));
  EXPECT_THAT(check_ledger(home_.options).value().faults, IsEmpty());
}

TEST_F(ledger_store_of, a_file_that_takes_the_place_of_a_deleted_one_gets_its_rows) {
  ASSERT_TRUE(open().write(calls(2, epoch + 500)).has_value());
  fs::copy(file(), home_.directory / "backup");
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  fs::rename(home_.directory / "backup", file());
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_THAT(store.take_notes(), Contains(HasSubstr("was replaced by another file")));
  EXPECT_EQ(store.trouble(), "");
  EXPECT_EQ(requests(store), 10);
  EXPECT_THAT(check_ledger(home_.options).value().faults, IsEmpty());
}

TEST_F(ledger_store_of, a_file_that_was_moved_away_keeps_its_rows_and_the_new_one_the_new_rows) {
  ASSERT_TRUE(open().write(calls(2, epoch + 500)).has_value());
  fs::copy(file(), home_.directory / "backup");
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  fs::rename(file(), home_.directory / "moved.db");
  fs::rename(home_.directory / "backup", file());
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_EQ(requests(store), 5);
  EXPECT_EQ(raw_database(home_.directory / "moved.db").run("SELECT count(*) FROM exchanges"), "7");
}

TEST_F(ledger_store_of, a_file_cut_to_nothing_sends_rows_beside_it) {
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  fs::resize_file(file(), 0);
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_THAT(store.trouble(), HasSubstr("was cut to 0 bytes while in use"));
  EXPECT_EQ(requests(store), 3);
}

TEST_F(ledger_store_of, a_file_cut_to_nothing_is_told_as_that_although_a_reader_met_it_first) {
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  fs::resize_file(file(), 0);
  store.distrust("database disk image is malformed");
  EXPECT_THAT(store.trouble(), HasSubstr("was cut to 0 bytes while in use"));
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_EQ(requests(store), 3);
}

TEST_F(ledger_store_of, a_table_dropped_by_another_process_sends_rows_beside_it) {
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  raw_database(file()).run("DROP TABLE rollup_hour");
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_THAT(store.trouble(), HasSubstr("rollup_hour is missing"));
  EXPECT_EQ(requests(store), 3);
}

TEST_F(ledger_store_of, pages_found_damaged_are_not_written_to_any_more) {
  auto store = open();
  ASSERT_TRUE(store.write(calls(5)).has_value());
  store.distrust("Tree 7 page 7: btreeInitPage() returns error code 11");
  ASSERT_TRUE(store.write(calls(3, epoch + 100)).has_value());
  EXPECT_EQ(store.file(), pending());
  wait_for_reopen();
  fs::last_write_time(file(), fs::file_time_type::clock::now());
  ASSERT_TRUE(store.write(calls(1, epoch + 200)).has_value());
  EXPECT_EQ(store.file(), pending()) << "it is the same damaged file";
}

}  // namespace
}  // namespace usage
