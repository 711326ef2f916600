#include "usage/ledger/ledger_writer.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "test/usage/ledger/ledger_fixture.hpp"

namespace usage {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// What the writer says after each attempt, for tests to wait on.
class attempts {
 public:
  ledger_writer_options options(std::size_t queue = 1000) {
    ledger_writer_options made;
    made.queue = queue;
    made.first_pause = 1ms;
    made.max_pause = 5ms;
    made.now = [] { return epoch; };
    made.on_attempt = [this](const ledger_writer_state& state) {
      const std::lock_guard lock(mutex_);
      last_ = state;
      changed_.notify_all();
    };
    return made;
  }

  template <class Predicate>
  ledger_writer_state wait_for(Predicate reached) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 60s, [&] { return reached(last_); })) throw std::runtime_error("the writer is silent");
    return last_;
  }
  ledger_writer_state committed(std::uint64_t rows) {
    return wait_for([rows](const auto& state) { return state.committed + state.duplicates >= rows; });
  }
  ledger_writer_state unhealthy() {
    return wait_for([](const auto& state) { return !state.healthy; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  ledger_writer_state last_;
};

void post(ledger_writer& writer, int count) {
  for (int i = 0; i < count; ++i) EXPECT_TRUE(writer.post(model_call(epoch + i, "m", 1, 1)));
}

std::int64_t requests_in(const temporary_ledger& home) {
  return home.reader().totals({}).value().requests;
}

TEST(ledger_writer, stores_what_is_posted) {
  const temporary_ledger home;
  attempts seen;
  ledger_writer writer(home.open(), seen.options());
  post(writer, 20);
  const auto state = seen.committed(20);
  EXPECT_TRUE(state.healthy);
  EXPECT_EQ(state.committed, 20u);
  EXPECT_EQ(state.queued, 0u);
  EXPECT_EQ(requests_in(home), 20);
}

TEST(ledger_writer, counts_duplicates_apart) {
  const temporary_ledger home;
  attempts seen;
  ledger_writer writer(home.open(), seen.options());
  for (int i = 0; i < 3; ++i) {
    usage_record row = model_call(epoch, "m", 1, 1);
    row.row_key = 1;
    writer.post(std::move(row));
  }
  const auto state = seen.committed(3);
  EXPECT_EQ(state.committed, 1u);
  EXPECT_EQ(state.duplicates, 2u);
}

TEST(ledger_writer, a_locked_file_is_reported_and_loses_nothing) {
  for (const char* lock : {"BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"}) {
    const temporary_ledger home;
    attempts seen;
    ledger_writer writer(home.open(), seen.options());
    post(writer, 5);
    seen.committed(5);
    raw_database other(home.options.file);
    other.run(lock);
    post(writer, 7);
    const auto state = seen.unhealthy();
    EXPECT_THAT(state.last_error, HasSubstr(home.options.file.string()));
    EXPECT_THAT(state.last_error, HasSubstr("locked"));
    EXPECT_GT(state.queued, 0u);
    EXPECT_EQ(requests_in(home), 5);
    other.run("COMMIT");
    const auto after = seen.committed(12);
    EXPECT_TRUE(after.healthy);
    EXPECT_EQ(after.last_error, "");
    EXPECT_EQ(requests_in(home), 12);
  }
}

TEST(ledger_writer, a_full_queue_refuses_and_counts_and_does_not_wait) {
  const temporary_ledger home;
  attempts seen;
  ledger_writer writer(home.open(), seen.options(8));
  raw_database other(home.options.file);
  other.run("BEGIN IMMEDIATE");
  post(writer, 8);
  usage_record refused = model_call(epoch, "refused", 1, 1);
  EXPECT_FALSE(writer.post(std::move(refused)));
  EXPECT_EQ(refused.requested_model, "refused");
  EXPECT_FALSE(writer.post(model_call(epoch, "refused", 1, 1)));
  EXPECT_EQ(writer.state().dropped, 2u);
  EXPECT_EQ(writer.state().queued, 8u);
  other.run("COMMIT");
  seen.committed(8);
  post(writer, 1);
  seen.committed(9);
  EXPECT_EQ(requests_in(home), 9);
}

TEST(ledger_writer, a_refused_row_is_told_at_once_however_long_the_pause) {
  const temporary_ledger home;
  attempts seen;
  auto options = seen.options(8);
  options.first_pause = options.max_pause = std::chrono::hours(1);
  ledger_writer writer(home.open(), options);
  raw_database other(home.options.file);
  other.run("BEGIN IMMEDIATE");
  post(writer, 8);
  seen.unhealthy();
  for (int i = 0; i < 5; ++i) writer.post(model_call(epoch, "refused", 1, 1));
  EXPECT_GE(seen.wait_for([](const auto& state) { return state.dropped != 0; }).dropped, 1u);
  other.run("COMMIT");
}

TEST(ledger_writer, a_ledger_that_is_deleted_is_written_again_when_somebody_looks) {
  const temporary_ledger home;
  attempts seen;
  ledger_writer writer(home.open(), seen.options());
  post(writer, 3);
  seen.committed(3);
  std::filesystem::remove(home.options.file);
  std::atomic<bool> there = false;
  writer.look();
  seen.wait_for([&](const auto&) { return there = std::filesystem::exists(home.options.file); });
  EXPECT_EQ(requests_in(home), 3);
}

TEST(ledger_writer, pages_found_damaged_after_the_start_send_rows_beside_the_ledger) {
  const temporary_ledger home;
  ASSERT_TRUE(home.open().insert(random_rows(3, 400, 30)).has_value());
  const auto page = std::stoll(
      raw_database(home.options.file).run("SELECT rootpage FROM sqlite_schema WHERE name = 'exchanges_conversation'"));
  std::fstream out(home.options.file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp((page - 1) * 4096) << std::string(4000, '\xff') << std::flush;
  attempts seen;
  ledger_writer writer(home.open(), seen.options());
  writer.look_through_pages(60s);
  const auto state = seen.wait_for([](const auto& told) { return !told.trouble.empty(); });
  EXPECT_THAT(state.trouble, HasSubstr("zerogravity ledger repair"));
  post(writer, 2);
  seen.committed(2);
  EXPECT_EQ(writer.file(), pending_of(home.options.file));
}

TEST(ledger_writer, a_queue_that_grows_long_does_not_wait_for_the_commit_interval) {
  const temporary_ledger home;
  attempts seen;
  auto options = seen.options(8);
  options.commit_interval = 1h;
  ledger_writer writer(home.open(), options);
  post(writer, 1);
  seen.committed(1);
  post(writer, 5);
  seen.committed(6);
  EXPECT_EQ(requests_in(home), 6);
}

TEST(ledger_writer, notes_are_written_in_turn_with_rows_and_refused_apart) {
  const temporary_ledger home;
  attempts seen;
  ledger_writer writer(home.open(), seen.options(4));
  raw_database other(home.options.file);
  other.run("BEGIN IMMEDIATE");
  usage_record row = model_call(epoch, "m", 1, 1);
  row.row_key = 1;
  placement where;
  where.row = 1;
  where.conversation = "c";
  EXPECT_TRUE(writer.post(std::move(row)));
  EXPECT_TRUE(writer.note(where));
  EXPECT_TRUE(writer.note(where));
  EXPECT_FALSE(writer.note(where));
  EXPECT_TRUE(writer.post(model_call(epoch, "m", 1, 1)));
  EXPECT_EQ(writer.state().dropped, 0u);
  EXPECT_EQ(writer.state().dropped_notes, 1u);
  other.run("COMMIT");
  EXPECT_TRUE(writer.flush(60s));
  EXPECT_EQ(writer.state().moved, 1u);
  EXPECT_EQ(writer.state().committed, 2u);
  EXPECT_EQ(home.reader().exchanges({}).value().rows.at(1).conversation, "c");
}

TEST(ledger_writer, a_stop_writes_what_is_queued) {
  const temporary_ledger home;
  ledger_writer writer(home.open(), {});
  post(writer, 500);
  EXPECT_EQ(writer.stop(60s), 0u);
  EXPECT_EQ(requests_in(home), 500);
  EXPECT_FALSE(writer.post(model_call(epoch, "m", 1, 1)));
  EXPECT_EQ(writer.state().dropped, 1u);
}

TEST(ledger_writer, going_away_writes_what_is_queued_if_one_attempt_does) {
  const temporary_ledger home;
  {
    ledger_writer writer(home.open(), {});
    post(writer, 50);
  }
  EXPECT_EQ(requests_in(home), 50);
}

TEST(ledger_writer, a_stop_that_runs_out_of_time_tells_what_is_lost) {
  const temporary_ledger home;
  attempts seen;
  ledger_writer writer(home.open(), seen.options());
  raw_database other(home.options.file);
  other.run("BEGIN IMMEDIATE");
  post(writer, 3);
  seen.unhealthy();
  EXPECT_EQ(writer.stop(200ms), 3u);
  EXPECT_EQ(writer.state().lost, 3u);
  EXPECT_EQ(writer.state().queued, 0u);
  other.run("COMMIT");
  EXPECT_EQ(requests_in(home), 0);
}

TEST(ledger_writer, a_stop_ends_a_long_pause_at_once) {
  const temporary_ledger home;
  attempts seen;
  auto options = seen.options();
  options.first_pause = options.max_pause = std::chrono::hours(1);
  ledger_writer writer(home.open(), options);
  raw_database other(home.options.file);
  other.run("BEGIN IMMEDIATE");
  post(writer, 3);
  seen.unhealthy();
  other.run("COMMIT");
  EXPECT_EQ(writer.stop(0ms), 0u);
  EXPECT_EQ(requests_in(home), 3);
}

TEST(ledger_writer, old_rows_go_at_start_and_when_an_hour_has_passed) {
  temporary_ledger home;
  home.options.retention_days = 1;
  ledger store = home.open();
  const std::array old{model_call(epoch - 50 * hour, "old", 1, 1), model_call(epoch - 24 * hour, "day", 1, 1)};
  ASSERT_TRUE(store.insert(old).has_value());
  std::atomic<std::int64_t> now = epoch;
  attempts seen;
  auto options = seen.options();
  options.now = [&now] { return now.load(); };
  ledger_writer writer(std::move(store), options);
  const auto deleted = [](std::uint64_t rows) { return [rows](const auto& state) { return state.deleted == rows; }; };
  seen.wait_for(deleted(1));
  now = epoch + hour;
  post(writer, 1);
  seen.committed(1);
  seen.wait_for(deleted(2));
  ledger_reader reader = home.reader();
  const auto rows = all_rows(reader);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].requested_model, "m");
  EXPECT_EQ(requests_in(home), 3);
}

TEST(ledger_writer, no_row_goes_because_the_clock_has_leapt) {
  constexpr std::int64_t day = 24 * hour;
  temporary_ledger home;
  home.options.retention_days = 400;
  std::mutex moving;
  clock_reading now{epoch, 5 * day, 1, true};
  attempts seen;
  auto options = seen.options();
  options.now = [&] {
    const std::lock_guard lock(moving);
    return now.wall;
  };
  options.clock = [&] {
    const std::lock_guard lock(moving);
    return now;
  };
  const auto leap = [&](std::int64_t wall, std::int64_t uptime) {
    const std::lock_guard lock(moving);
    now.wall += wall;
    now.uptime += uptime;
  };
  {
    ledger store = home.open();
    const std::array rows{model_call(epoch - 399 * day, "old", 1, 1), model_call(epoch, "new", 1, 1)};
    ASSERT_TRUE(store.insert(rows).has_value());
    std::atomic<int> looks{0};
    auto counting = options;
    counting.on_attempt = [&, told = options.on_attempt](const ledger_writer_state& state) {
      ++looks;
      told(state);
    };
    ledger_writer writer(std::move(store), counting);
    seen.wait_for([&looks](const auto&) { return looks >= 2; });  // one at the start, one after the look at the clock
    leap(730 * day, 0);
    post(writer, 1);
    const auto ahead =
        seen.wait_for([](const auto& state) { return state.committed == 1 && state.clock_ahead_ms != 0; });
    EXPECT_EQ(ahead.clock_ahead_ms, 730 * day);
    EXPECT_EQ(writer.stop(60s), 0u);
    EXPECT_EQ(writer.state().deleted, 0u);
  }
  // The next service finds the clock as it is, and has no other.
  attempts later;
  options.on_attempt = later.options().on_attempt;
  ledger_writer writer(home.open(), options);
  later.wait_for([](const auto& state) { return state.clock_ahead_ms == 730 * day; });
  leap(2 * day, 2 * day);
  post(writer, 1);
  later.wait_for([](const auto& state) { return state.deleted == 1; });
  ledger_reader reader = home.reader();
  EXPECT_EQ(all_rows(reader).size(), 3u) << "only what is 400 days old by the days that have passed is gone";
}

TEST(ledger_writer, a_retention_that_fails_is_reported_and_tried_again_and_rows_are_stored_meanwhile) {
  temporary_ledger home;
  home.options.retention_days = 1;
  ledger store = home.open();
  const usage_record old = model_call(epoch - 50 * hour, "old", 1, 1);
  ASSERT_TRUE(store.insert(std::span(&old, 1)).has_value());
  raw_database(home.options.file)
      .run("CREATE TRIGGER refuse BEFORE DELETE ON exchanges BEGIN SELECT RAISE(FAIL, 'kept'); END");
  attempts seen;
  ledger_writer writer(std::move(store), seen.options());
  const auto failed = seen.wait_for([](const auto& state) { return !state.retention_error.empty(); });
  EXPECT_THAT(failed.retention_error, HasSubstr("kept"));
  EXPECT_THAT(failed.retention_error, HasSubstr(home.options.file.string()));
  post(writer, 1);
  EXPECT_TRUE(seen.committed(1).healthy);
  raw_database(home.options.file).run("DROP TRIGGER refuse");
  EXPECT_EQ(seen.wait_for([](const auto& state) { return state.deleted == 1; }).retention_error, "");
}

TEST(ledger_writer, a_file_that_outgrows_its_limit_is_cut_without_waiting_for_the_hour) {
  temporary_ledger home;
  home.options.max_bytes = 200 << 10;
  attempts seen;
  ledger_writer writer(home.open(), seen.options());
  for (int i = 0; i < 300; ++i) {
    usage_record row = model_call(epoch + i * hour / 10, "m", 1, 1);
    row.raw_usage.assign(1000, 'x');
    writer.post(std::move(row));
  }
  seen.committed(300);
  seen.wait_for([](const auto& state) { return state.deleted > 0; });
  EXPECT_EQ(writer.stop(60s), 0u);
  EXPECT_EQ(requests_in(home), 300);
}

TEST(ledger_writer, many_threads_may_post) {
  const temporary_ledger home;
  attempts seen;
  ledger_writer writer(home.open(), seen.options(100'000));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&writer] { post(writer, 250); });
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(writer.state().healthy);
  for (std::thread& thread : threads) thread.join();
  seen.committed(1000);
  EXPECT_EQ(requests_in(home), 1000);
}

/// Writes before, during and after `fill` … `relieve`; 0 if everything came out right, else the number of the check.
int survives(const temporary_ledger& home, const char* reason, const std::function<void()>& fill,
             const std::function<void()>& relieve) {
  attempts seen;
  ledger_writer writer(home.open(), seen.options());
  post(writer, 10);
  seen.committed(10);
  fill();
  post(writer, 20);
  const auto state = seen.unhealthy();
  if (state.last_error.find(reason) == std::string::npos) {
    fprintf(stderr, "%s\n", state.last_error.c_str());
    return 1;
  }
  if (requests_in(home) != 10) return 2;
  relieve();
  if (!seen.committed(30).healthy) return 3;
  if (requests_in(home) != 30) return 4;
  return raw_database(home.options.file).run("PRAGMA integrity_check") == "ok" ? 0 : 5;
}

TEST(ledger_writer, a_failing_write_is_reported_and_loses_nothing) {
  const temporary_ledger home;
  const auto limit_files = [](rlim_t bytes) {
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  };
  EXPECT_EQ(exit_status_of([&] {
              signal(SIGXFSZ, SIG_IGN);
              return survives(home, "disk I/O error", [&] { limit_files(4096); }, [&] { limit_files(RLIM_INFINITY); });
            }),
            0);
}

TEST(ledger_writer, a_full_disk_is_reported_and_loses_nothing) {
  const temporary_ledger home;
  constexpr int no_tmpfs = 77;
  const int status = exit_status_of([&] {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", home.directory.c_str(), "tmpfs", 0, "size=512k") != 0)
      return no_tmpfs;
    const auto ballast = home.directory / "ballast";
    const auto fill = [&] {
      // In small pieces: the last page counts.
      std::ofstream out(ballast, std::ios::binary);
      while (out.put('x').flush()) {
      }
    };
    return survives(home, "full", fill, [&] { std::filesystem::remove(ballast); });
  });
  if (status == no_tmpfs) GTEST_SKIP() << "needs the right to mount a tmpfs";
  EXPECT_EQ(status, 0);
}

/// Waiting rows of some 4 KiB each on a disk that has room for a few.
int stores_what_fits(const temporary_ledger& home, const std::function<void(std::size_t)>& leave_room) {
  attempts seen;
  ledger_writer writer(home.open(), seen.options());
  raw_database other(home.options.file);
  other.run("BEGIN IMMEDIATE");
  for (int i = 0; i < 40; ++i) {
    usage_record row = model_call(epoch + i, "m", 1, 1);
    row.raw_usage.assign(4000, 'x');
    if (!writer.post(std::move(row))) return 1;
  }
  seen.unhealthy();
  leave_room(100 << 10);
  other.run("COMMIT");
  const auto part = seen.wait_for([](const auto& state) {
    return !state.healthy && state.committed != 0 && state.last_error.find("full") != std::string::npos;
  });
  if (part.committed >= 40 || part.queued != 40 - part.committed) return 2;
  leave_room(10 << 20);
  if (!seen.committed(40).healthy) return 3;
  return requests_in(home) == 40 ? 0 : 4;
}

TEST(ledger_writer, what_does_not_fit_at_once_is_stored_as_far_as_it_fits) {
  const temporary_ledger home;
  constexpr int no_tmpfs = 77;
  const int status = exit_status_of([&] {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", home.directory.c_str(), "tmpfs", 0, "size=1m") != 0)
      return no_tmpfs;
    const auto ballast = home.directory / "ballast";
    return stores_what_fits(home, [&](std::size_t room) {
      std::filesystem::remove(ballast);
      const auto free = std::filesystem::space(home.directory).available;
      std::ofstream(ballast, std::ios::binary) << std::string(free > room ? free - room : 0, 'x');
    });
  });
  if (status == no_tmpfs) GTEST_SKIP() << "needs the right to mount a tmpfs";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace usage
