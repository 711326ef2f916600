// What a reader has shown is still there after the writing process was killed at any moment.

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace usage {
namespace {

using namespace testing;
using clock = std::chrono::steady_clock;

struct shown {
  std::int64_t requests = 0;
  std::int64_t output_tokens = 0;
};

/// The child: writes and shows, until it is killed.
[[noreturn]] void write_and_show(const temporary_ledger& home, std::uint64_t seed, int pipe_end) {
  ledger_writer writer(home.open(), {});  // first, so that an early end meets it
  ledger_reader reader = home.reader();
  auto rows = random_rows(seed, 5000, 50);
  std::mt19937_64 random(seed);
  for (std::size_t next = 0;;) {
    for (std::size_t burst = random() % 20; burst > 0 && next < rows.size(); --burst)
      writer.post(std::move(rows[next++]));
    const usage_totals totals = reader.totals({}).value();
    const shown count{totals.requests + totals.other_requests, totals.output_tokens};
    if (write(pipe_end, &count, sizeof count) != sizeof count) _exit(1);
  }
}

enum class moment { while_opening, soon_after_start, while_committing };

/// Reads counts until one is more than `known`; then on, for `span`. The last count.
shown watch(int pipe_end, std::int64_t known, std::chrono::milliseconds span) {
  shown last;
  auto end = clock::now() + std::chrono::minutes(1);
  for (bool more = false; clock::now() < end;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now());
    pollfd ready{pipe_end, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(left.count())) <= 0) continue;
    if (read(pipe_end, &last, sizeof last) != sizeof last) return last;
    if (!more && last.requests > known) end = clock::now() + span;
    more = more || last.requests > known;
  }
  return last;
}

/// Kills the child at a random moment. The last count that was shown.
shown run_and_kill(const temporary_ledger& home, std::uint64_t seed, moment when, std::int64_t known) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    write_and_show(home, seed, ends[1]);
  }
  close(ends[1]);
  std::mt19937_64 random(seed);
  const auto wait = std::chrono::microseconds(random() % (when == moment::while_opening ? 8000 : 30'000));
  shown last;
  if (when == moment::while_committing) {
    last = watch(ends[0], known, std::chrono::duration_cast<std::chrono::milliseconds>(wait));
  } else {
    std::this_thread::sleep_for(wait);
  }
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  for (shown more; read(ends[0], &more, sizeof more) == sizeof more;) last = more;
  close(ends[0]);
  return last;
}

void expect_intact(const temporary_ledger& home, const shown& last) {
  home.open();
  ledger_reader reader = home.reader();
  const auto rows = all_rows(reader);
  const usage_totals totals = reader.totals({}).value();
  EXPECT_GE(static_cast<std::int64_t>(rows.size()), last.requests);
  EXPECT_GE(totals.output_tokens, last.output_tokens);
  EXPECT_EQ(totals, expected_totals({}, rows));
  for (const group_by by : every_group) EXPECT_EQ(by_key(reader.report(by, {}).value()), expected_groups(by, {}, rows));
  EXPECT_EQ(raw_database(home.options.file).run("PRAGMA integrity_check"), "ok");
}

std::int64_t stored(const temporary_ledger& home) {
  const usage_totals totals = home.reader().totals({}).value();
  return totals.requests + totals.other_requests;
}

/// Rows of a fixed date that the writer's retention, by the system clock, leaves alone.
constexpr std::int64_t for_ever = 1'000'000;

TEST(ledger_kill, nothing_shown_is_lost_however_often_the_process_dies) {
  temporary_ledger home;
  home.options.retention_days = for_ever;
  std::int64_t most = 0;
  for (std::uint64_t round = 1; round <= 40; ++round) {
    SCOPED_TRACE(round);
    const moment when = round % 4 == 0 ? moment::soon_after_start : moment::while_committing;
    const shown last = run_and_kill(home, round, when, most);
    if (when == moment::while_committing) {
      EXPECT_GT(last.requests, most);
    }
    most = std::max(most, last.requests);
    expect_intact(home, last);
    EXPECT_GE(stored(home), most);
  }
}

TEST(ledger_kill, a_process_that_dies_while_it_makes_the_file_leaves_one_that_opens) {
  for (std::uint64_t round = 1; round <= 30; ++round) {
    SCOPED_TRACE(round);
    temporary_ledger home;
    home.options.retention_days = for_ever;
    expect_intact(home, run_and_kill(home, round, moment::while_opening, 0));
  }
}

}  // namespace
}  // namespace usage
