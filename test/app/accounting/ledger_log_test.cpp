#include "app/accounting/ledger_log.hpp"

#include <mutex>
#include <sstream>

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>

namespace app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class ledger_log_of : public ::testing::Test {
 protected:
  /// What is written by `say`.
  template <class Say>
  std::string said(Say say) {
    std::ostringstream text;
    {
      logger log(log_level::info, log_format::json, std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
      ledger_log ledger(log);
      say(ledger);
    }
    return text.str();
  }
  static usage::ledger_writer_state dropping(std::uint64_t rows) {
    usage::ledger_writer_state state;
    state.healthy = false;
    state.last_error = "the disk is full";
    state.dropped = rows;
    return state;
  }
  static long lines(const std::string& text) { return std::ranges::count(text, '\n'); }

  ledger_log::instant now_{};
};

TEST_F(ledger_log_of, a_ledger_that_is_well_says_nothing) {
  EXPECT_EQ(said([&](ledger_log& log) { log.on_attempt({}, now_); }), "");
}

TEST_F(ledger_log_of, a_loss_is_said_at_once_and_then_once_a_minute_with_counts) {
  const auto text = said([&](ledger_log& log) {
    auto state = dropping(3);
    state.healthy = true;
    log.on_attempt(state, now_);
    for (int second = 1; second < 60; ++second) {
      ++state.dropped;
      log.on_attempt(state, now_ + std::chrono::seconds(second));
    }
    state.dropped = 100;
    log.on_attempt(state, now_ + 60s);
    log.on_attempt(state, now_ + 200s);
  });
  EXPECT_EQ(lines(text), 2) << text;
  EXPECT_THAT(text, HasSubstr(R"("rows":3,"rows_since_start":3)"));
  EXPECT_THAT(text, HasSubstr(R"("rows":97,"rows_since_start":100)"));
}

TEST_F(ledger_log_of, a_failure_that_lasts_is_repeated_once_a_minute_and_its_end_is_said) {
  const auto text = said([&](ledger_log& log) {
    for (int second = 0; second < 100; ++second) log.on_attempt(dropping(0), now_ + std::chrono::seconds(second));
    log.on_attempt({}, now_ + 101s);
    log.on_attempt({}, now_ + 102s);
  });
  EXPECT_EQ(lines(text), 3) << text;
  EXPECT_THAT(text, HasSubstr("the disk is full"));
  EXPECT_THAT(text, HasSubstr("the ledger is written again"));
}

TEST_F(ledger_log_of, the_end_tells_what_was_not_told_and_how_many_in_all) {
  const auto text = said([&](ledger_log& log) {
    log.on_attempt(dropping(5), now_);
    auto last = dropping(7);
    last.lost = 2;
    log.on_end(last);
    log.on_end({});
  });
  EXPECT_THAT(text, HasSubstr(R"("rows":4,"rows_since_start":9)"));
}

TEST_F(ledger_log_of, trouble_with_the_file_is_said_when_it_changes) {
  const auto text = said([&](ledger_log& log) {
    usage::ledger_writer_state state;
    state.trouble = "usage.db is damaged; run: zerogravity ledger repair";
    log.on_attempt(state, now_);
    log.on_attempt(state, now_ + 300s);
    state.trouble.clear();
    log.on_attempt(state, now_ + 301s);
  });
  EXPECT_EQ(lines(text), 2) << text;
  EXPECT_THAT(text, HasSubstr("zerogravity ledger repair"));
}

TEST_F(ledger_log_of, readiness_names_the_trouble_the_failure_and_the_losses) {
  auto state = dropping(9);
  state.trouble = "usage.db is damaged";
  state.queued = 4;
  EXPECT_EQ(ledger_words(state), "usage.db is damaged; the disk is full; 4 rows wait; 9 rows are lost since the start");
  EXPECT_EQ(ledger_words({}), "0 rows wait");
}

}  // namespace
}  // namespace app
