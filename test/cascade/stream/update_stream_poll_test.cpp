#include "cascade/stream/update_stream_poll.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/cascade/stream/update_stream_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using cascade::follow_options;
using cascade::stream_kind;
using test::having_said;
using test::saying;
using test::told;
using testing::ElementsAre;

class update_stream_poll : public test::update_stream_fixture {
 protected:
  update_stream_poll() {
    kinds.refused_down_to(stream_kind::polling);
    options.limits.poll.busy = 1ms;
  }
  follow_options options;
};

TEST_F(update_stream_poll, steps_that_come_in_pages_are_all_read) {
  page = 1;
  answer_getters([](unsigned) {
    auto now = having_said("one");
    *now.mutable_trajectory()->add_steps() = support::reply_step("two", test::CORTEX_STEP_STATUS_DONE);
    *now.mutable_trajectory()->add_steps() = support::reply_step("three", test::CORTEX_STEP_STATUS_DONE);
    return now;
  });
  EXPECT_THAT(follow(options).events, ElementsAre("text 1 +one", "text 2 +two", "text 3 +three", "finished stop"));
  EXPECT_EQ(reads, 1u);
}

TEST_F(update_stream_poll, the_tokens_of_a_turn_are_read_too) {
  answer_getters([](unsigned) {
    auto now = having_said("Hi");
    auto& call = *now.mutable_trajectory()->add_generator_metadata();
    call.add_step_indices(1);
    auto& usage = *call.mutable_chat_model()->mutable_usage();
    usage.set_response_id("r");
    usage.set_input_tokens(7);
    usage.set_output_tokens(2);
    return now;
  });
  EXPECT_THAT(follow(options).events, ElementsAre("text 1 +Hi", "usage r 7/2", "finished stop"));
}

TEST_F(update_stream_poll, polls_follow_each_other_quickly_while_there_is_news) {
  options.limits.poll.quiet = 1h;
  options.limits.poll.slow_down = 1e7;  // one round without news and this test would not end
  answer_getters([](unsigned round) {
    return round < 20 ? saying(std::string(round, 'x')) : having_said(std::string(round, 'x'));
  });
  const auto turn = follow(options);
  EXPECT_EQ(turn.events.size(), 21u);
  EXPECT_EQ(turn.end, asio::error::eof);
}

TEST_F(update_stream_poll, polls_become_rare_when_nothing_happens) {
  options.limits.poll.quiet = 1h;
  options.limits.poll.slow_down = 1e7;
  test::flag quiet_round;
  answer_getters([&](unsigned round) {
    if (round == 2) quiet_round.set();
    return saying("Hel");
  });
  told turn;
  cascade::update_stream updates(client(), "c", kinds, options);
  test::cancellable task(pool);
  task.start(test::hear(updates, turn));
  EXPECT_TRUE(quiet_round.wait());
  std::this_thread::sleep_for(50ms);  // in which an unchanged rhythm would poll dozens of times
  task.cancel();
  task.wait();
  EXPECT_EQ(turn.end, asio::error::operation_aborted);
  EXPECT_EQ(reads, 2u);
}

TEST_F(update_stream_poll, only_steps_that_can_still_change_are_asked_for) {
  auto now = having_said("one");
  EXPECT_EQ(cascade::first_open_step(test::state(), 3), 3u);
  EXPECT_EQ(cascade::first_open_step(now, 0), 1u);
  *now.mutable_trajectory()->add_steps() = support::reply_step("two", test::CORTEX_STEP_STATUS_GENERATING);
  *now.mutable_trajectory()->add_steps() = support::reply_step("three", test::CORTEX_STEP_STATUS_DONE);
  EXPECT_EQ(cascade::first_open_step(now, 0), 2u);
  EXPECT_EQ(cascade::first_open_step(now, 3), 3u);
  EXPECT_EQ(cascade::first_open_step(now, 4), 4u);
}

}  // namespace
