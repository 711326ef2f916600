#include "app/ledger_api/ledger_reports.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include "test/support/run.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;
using made_text = ledger_reports::made_text;

class ledger_reports_of : public testing::Test {
 protected:
  ledger_reports_of() {
    std::string name = (fs::temp_directory_path() / "reports-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directory_ = name;
    options_.file = directory_ / "usage.db";
    usage::ledger_writer_options writing;
    writing.on_attempt = [this](const auto&) { ++attempts_; };
    writer_.emplace(std::move(usage::ledger::open(options_)).value(), std::move(writing));
    // It writes by itself at the start: what time it is.
    while (attempts_ < 2) std::this_thread::yield();
    reports_.emplace(options_, *writer_, 1);
  }

  ~ledger_reports_of() override {
    reports_.reset();
    writer_.reset();
    fs::remove_all(directory_);
  }

  void book() {
    usage::usage_record row;
    row.started_at =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    row.host = "api.example.com";
    row.kind = usage::call_kind::model;
    row.status = usage::record_status::complete;
    ASSERT_TRUE(writer_->post(std::move(row)));
  }

  /// How many model calls the ledger has; nothing if the report was refused.
  boost::asio::awaitable<std::optional<std::string>> ask(std::string name) {
    const auto answer = co_await reports_->answer(std::move(name), [this](usage::ledger_reader& reader) -> made_text {
      ++made_;
      const auto totals = reader.totals({});
      if (!totals) return totals.error();
      return std::to_string(totals->requests);
    });
    if (!answer) co_return std::nullopt;
    co_return **answer;
  }

  static boost::asio::awaitable<void> nothing() { co_return; }

  std::optional<std::string> report(std::string name) { return test::run(loops_, ask(std::move(name))); }

  std::atomic<int> attempts_ = 0;
  fs::path directory_;
  usage::ledger_options options_;
  std::optional<usage::ledger_writer> writer_;
  net::worker_pool loops_{2};
  std::optional<ledger_reports> reports_;
  std::atomic<int> made_ = 0;
};

TEST_F(ledger_reports_of, an_answer_is_kept_until_somebody_writes) {
  EXPECT_EQ(report("sums"), "0");
  EXPECT_EQ(report("sums"), "0");
  EXPECT_EQ(made_, 1);
  book();
  EXPECT_EQ(report("sums"), "1") << "a row that was queued before counts";
  EXPECT_EQ(report("sums"), "1");
  EXPECT_EQ(made_, 2);
  EXPECT_EQ(report("others"), "1");
  EXPECT_EQ(made_, 3);
}

TEST_F(ledger_reports_of, an_answer_without_a_key_is_made_each_time) {
  EXPECT_EQ(report(""), "0");
  EXPECT_EQ(report(""), "0");
  EXPECT_EQ(made_, 2);
}

TEST_F(ledger_reports_of, a_ledger_that_was_replaced_is_read_anew) {
  book();
  EXPECT_EQ(report("sums"), "1");
  writer_->stop(std::chrono::seconds(10));
  for (const auto& each : fs::directory_iterator(directory_)) fs::rename(each, each.path().string() + ".aside");
  {
    const auto fresh = usage::ledger::open(options_);
  }
  EXPECT_EQ(report("sums"), "0");
}

TEST_F(ledger_reports_of, a_ledger_that_cannot_be_read_is_an_exception_that_names_it) {
  fs::remove_all(directory_);
  try {
    report("sums");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(options_.file.string()), std::string::npos);
  }
}

TEST_F(ledger_reports_of, what_is_not_there_is_told_and_not_kept) {
  const auto ask_for_nothing = [this]() -> boost::asio::awaitable<bool> {
    const auto answer = co_await reports_->answer(
        "nothing", [](usage::ledger_reader&) -> made_text { return std::optional<std::string>(); });
    co_return answer && *answer == nullptr;
  };
  EXPECT_TRUE(test::run(loops_, ask_for_nothing()));
}

TEST_F(ledger_reports_of, those_who_have_asked_before_it_was_begun_share_an_answer_whatever_is_written_meanwhile) {
  reports_.emplace(options_, *writer_, 8);
  std::atomic<int> begun = 0;
  std::promise<void> release_one;
  std::promise<void> release_other;
  const auto occupy = [&](std::promise<void>& release) -> boost::asio::awaitable<void> {
    co_await reports_->answer("", [&](usage::ledger_reader&) -> made_text {
      ++begun;
      release.get_future().wait();
      return std::string();
    });
  };
  const auto write_and_count = [&]() -> boost::asio::awaitable<void> {
    co_await reports_->answer("same", [this](usage::ledger_reader&) -> made_text {
      book();
      ++made_;
      return std::string();
    });
  };
  auto one = boost::asio::co_spawn(loops_.strand(), occupy(release_one), boost::asio::use_future);
  auto other = boost::asio::co_spawn(loops_.strand(), occupy(release_other), boost::asio::use_future);
  while (begun < 2) std::this_thread::yield();
  std::vector<std::future<void>> waiting;
  for (int i = 0; i < 4; ++i)
    waiting.push_back(boost::asio::co_spawn(loops_.strand(), write_and_count(), boost::asio::use_future));
  for (int i = 0; i < 4; ++i) test::run(loops_, nothing());  // each of the loops has come to wait
  release_one.set_value();
  for (auto& each : waiting) each.get();
  EXPECT_EQ(made_, 1);
  test::run(loops_, write_and_count());
  EXPECT_EQ(made_, 2);
  release_other.set_value();
  one.get();
  other.get();
}

TEST_F(ledger_reports_of, however_many_ask_the_same_at_once_none_is_refused) {
  // Two are made, one waits, and all others share these, even while the loops are too busy to take the answers.
  std::vector<std::future<std::optional<std::string>>> answers;
  for (int i = 0; i < 3000; ++i)
    answers.push_back(boost::asio::co_spawn(loops_.strand(), ask("same"), boost::asio::use_future));
  for (auto& each : answers) EXPECT_EQ(each.get(), "0");
}

TEST_F(ledger_reports_of, one_who_leaves_leaves_the_report_to_those_who_have_joined) {
  reports_.emplace(options_, *writer_, 8);
  const auto until_stopped = [&]() -> boost::asio::awaitable<void> {
    co_await reports_->answer("same", [&](usage::ledger_reader&) -> made_text {
      ADD_FAILURE() << "nobody waits for it";
      return std::string();
    });
  };
  std::atomic<int> busy = 0;
  std::promise<void> release;
  const auto released = release.get_future().share();
  const auto occupy = [&]() -> boost::asio::awaitable<void> {
    co_await reports_->answer("", [&](usage::ledger_reader&) -> made_text {
      ++busy;
      released.wait();
      return std::string();
    });
  };
  auto one = boost::asio::co_spawn(loops_.strand(), occupy(), boost::asio::use_future);
  auto other = boost::asio::co_spawn(loops_.strand(), occupy(), boost::asio::use_future);
  while (busy < 2) std::this_thread::yield();
  const auto strand = loops_.strand();
  boost::asio::cancellation_signal leave;
  auto first = boost::asio::co_spawn(strand, until_stopped(),
                                     boost::asio::bind_cancellation_slot(leave.slot(), boost::asio::use_future));
  while (reports_->pending() < 3) std::this_thread::yield();
  auto joined = boost::asio::co_spawn(loops_.strand(), ask("same"), boost::asio::use_future);
  for (int i = 0; i < 4; ++i) test::run(loops_, nothing());
  boost::asio::post(strand, [&] { leave.emit(boost::asio::cancellation_type::terminal); });
  while (reports_->pending() > 2) std::this_thread::yield();
  release.set_value();
  EXPECT_EQ(joined.get(), "0");
  first.wait();
  one.get();
  other.get();
}

TEST_F(ledger_reports_of, too_many_at_once_are_refused) {
  std::atomic<int> begun = 0;
  std::promise<void> release;
  const auto released = release.get_future().share();
  const auto long_report = [&]() -> boost::asio::awaitable<int> {
    const auto answer = co_await reports_->answer("", [&](usage::ledger_reader&) -> made_text {
      ++begun;
      released.wait();
      return std::string();
    });
    co_return answer ? 200 : static_cast<int>(answer.error().status);
  };
  const auto begin = [&] { return boost::asio::co_spawn(loops_.strand(), long_report(), boost::asio::use_future); };
  auto first = begin();
  auto second = begin();
  while (begun < 2) std::this_thread::yield();
  auto third = begin();
  auto fourth = begin();
  while (third.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready &&
         fourth.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
  }
  release.set_value();
  EXPECT_EQ(third.get() + fourth.get(), 200 + 503) << "one waits, and then there is no room";
  EXPECT_EQ(first.get() + second.get(), 400);
}

}  // namespace
}  // namespace app
