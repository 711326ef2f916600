#include "cascade/stream/update_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/cascade/stream/update_stream_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using cascade::follow_options;
using cascade::stream_kind;
using test::having_said;
using test::lines;
using test::run;
using test::saying;
using test::snapshot;
using test::told;
using test::update;
using test::whole;
using testing::ElementsAre;

const lines hello{"text 1 +Hel", "text 1 +lo", "finished stop"};

void say_hello_reactively(const auto& stream) {
  stream->write(snapshot(1, saying("Hel")));
  stream->write(update(2, saying("Hel"), saying("Hello")));
  stream->write(update(3, saying("Hello"), having_said("Hello")));
}

class update_stream : public test::update_stream_fixture {};

TEST_F(update_stream, a_turn_is_pushed_as_diffs_and_ends_with_eof) {
  server.reactive = [](const auto&, auto stream) { say_hello_reactively(stream); };
  const told turn = follow();
  EXPECT_EQ(turn.events, hello);
  EXPECT_EQ(turn.end, asio::error::eof);
  EXPECT_EQ(kinds.current(), stream_kind::reactive);
}

TEST_F(update_stream, a_later_turn_of_the_same_cascade_is_followed_from_its_first_step) {
  auto later = having_said("before");
  const auto turn = saying("Hi");
  for (const auto& step : turn.trajectory().steps()) *later.mutable_trajectory()->add_steps() = step;
  auto ended = later;
  later.set_status(test::CASCADE_RUN_STATUS_RUNNING);
  ended.mutable_trajectory()->mutable_steps(3)->set_status(test::CORTEX_STEP_STATUS_DONE);
  server.reactive = [&](const auto&, auto stream) {
    stream->write(snapshot(1, having_said("before"))).write(update(2, having_said("before"), later));
    stream->write(update(3, later, ended));
  };
  follow_options options;
  options.first_step = 2;
  EXPECT_THAT(follow(options).events, ElementsAre("text 3 +Hi", "finished stop"));
}

struct refusals {
  grpc::Status reactive;
  grpc::Status agent_state;
  stream_kind left;
};

class update_stream_kinds : public update_stream, public testing::WithParamInterface<refusals> {};

TEST_P(update_stream_kinds, the_next_kind_is_taken_when_one_is_refused_and_remembered) {
  std::atomic<int> reactive_calls = 0;
  std::atomic<int> agent_calls = 0;
  server.reactive = [&](const auto&, auto stream) {
    ++reactive_calls;
    if (!GetParam().reactive.ok()) return stream->end(GetParam().reactive);
    say_hello_reactively(stream);
  };
  server.agent_state = [&](const auto&, auto stream) {
    ++agent_calls;
    if (!GetParam().agent_state.ok()) return stream->end(GetParam().agent_state);
    stream->write(whole(saying("Hel"))).write(whole(saying("Hello"))).write(whole(having_said("Hello")));
  };
  answer_getters([](unsigned round) {
    if (round % 3 == 1) return saying("Hel");
    return round % 3 == 2 ? saying("Hello") : having_said("Hello");
  });
  std::vector<stream_kind> notices;
  follow_options options;
  options.limits.poll.busy = 1ms;
  options.on_kind = [&](stream_kind now, std::string_view why) {
    notices.push_back(now);
    EXPECT_FALSE(why.empty());
  };

  for (int turn = 0; turn < 2; ++turn) EXPECT_EQ(follow(options).events, hello);
  EXPECT_EQ(kinds.current(), GetParam().left);
  EXPECT_EQ(reactive_calls, GetParam().reactive.ok() ? 2 : 1);
  const int agent_expected = GetParam().reactive.ok() ? 0 : GetParam().agent_state.ok() ? 2 : 1;
  EXPECT_EQ(agent_calls, agent_expected);
  // Falling back is told once; polling is told again by every stream that does it.
  std::vector<stream_kind> expected;
  if (!GetParam().reactive.ok()) expected = {stream_kind::agent_state};
  if (GetParam().left == stream_kind::polling) {
    expected.insert(expected.end(), 3, stream_kind::polling);
  }
  EXPECT_EQ(notices, expected);
}

const grpc::Status disabled(grpc::StatusCode::UNKNOWN, "reactive state is disabled");
const grpc::Status deprecated(grpc::StatusCode::UNKNOWN, "reactive state is deprecated");
const grpc::Status missing(grpc::StatusCode::UNIMPLEMENTED, "unknown method");

INSTANTIATE_TEST_SUITE_P(refused, update_stream_kinds,
                         testing::Values(refusals{{}, {}, stream_kind::reactive},
                                         refusals{{}, missing, stream_kind::reactive},
                                         refusals{disabled, {}, stream_kind::agent_state},
                                         refusals{deprecated, {}, stream_kind::agent_state},
                                         refusals{missing, {}, stream_kind::agent_state},
                                         refusals{disabled, missing, stream_kind::polling},
                                         refusals{missing, missing, stream_kind::polling}));

TEST_F(update_stream, any_other_error_is_an_error_and_no_reason_to_change_the_kind) {
  server.reactive = [](const auto&, auto stream) {
    stream->write(snapshot(1, saying("Hel"))).end({grpc::StatusCode::UNKNOWN, "the model is gone"});
  };
  server.agent_state = [](const auto&, auto) { ADD_FAILURE(); };
  const told turn = follow();
  EXPECT_EQ(turn.events, lines{"text 1 +Hel"});
  EXPECT_EQ(turn.end, cascade::rpc_errc::unknown);
  EXPECT_EQ(to_string(turn.failure), "UNKNOWN: the model is gone");
  EXPECT_EQ(kinds.current(), stream_kind::reactive);
}

TEST_F(update_stream, a_build_that_offers_nothing_at_all_is_an_error) {
  const told turn = follow();
  EXPECT_EQ(turn.end, cascade::rpc_errc::unimplemented);
  EXPECT_EQ(kinds.current(), stream_kind::polling);
}

TEST_F(update_stream, a_refusal_learned_late_does_not_bring_back_a_better_kind) {
  cascade::stream_kind_memory memory;
  memory.refused_down_to(stream_kind::polling);
  memory.refused_down_to(stream_kind::agent_state);
  EXPECT_EQ(memory.current(), stream_kind::polling);
}

TEST_F(update_stream, a_server_that_ends_the_stream_is_subscribed_anew_and_nothing_is_told_twice) {
  std::mutex mutex;
  lines subscribers;
  server.reactive = [&](const auto&, auto stream) {
    std::lock_guard lock(mutex);
    subscribers.push_back(stream->subscriber_id);
    const auto now = subscribers.size() == 1 ? saying("Hel") : having_said("Hello");
    stream->write(snapshot(40 + subscribers.size(), now)).end(grpc::Status::OK);
  };
  EXPECT_EQ(follow().events, hello);
  ASSERT_EQ(subscribers.size(), 2u);
  EXPECT_NE(subscribers[0], subscribers[1]);
}

TEST_F(update_stream, a_lost_update_is_made_up_for_by_a_new_subscription) {
  std::vector<test::fake_language_server::reactive_stream> streams;
  server.reactive = [&](const auto&, auto stream) {
    streams.push_back(stream);
    if (streams.size() > 1) return void(stream->write(snapshot(9, having_said("Hello"))));
    stream->write(snapshot(1, saying("Hel"))).write(update(3, saying("Hello "), saying("Hello wor")));
  };
  EXPECT_EQ(follow().events, hello);
  ASSERT_EQ(streams.size(), 2u);
  EXPECT_TRUE(streams[0]->cancelled.wait());
  EXPECT_TRUE(streams[1]->cancelled.wait());
}

TEST_F(update_stream, a_server_that_keeps_ending_the_stream_is_given_a_pause) {
  std::atomic<unsigned> subscriptions = 0;
  test::flag third;
  server.reactive = [&](const auto&, auto stream) {
    if (++subscriptions == 3) third.set();
    stream->write(snapshot(1, saying(""))).end(grpc::Status::OK);
  };
  follow_options options;
  options.limits.subscriptions_at_once = 2;
  options.limits.pause_first = 1h;
  options.limits.pause_most = 1h;
  told turn;
  cascade::update_stream updates(client(), "c", kinds, options);
  test::cancellable task(pool);
  task.start(test::hear(updates, turn));
  EXPECT_TRUE(third.wait());
  std::this_thread::sleep_for(50ms);  // in which a server that is given no pause would see thousands
  task.cancel();
  task.wait();
  EXPECT_EQ(turn.end, asio::error::operation_aborted);
  EXPECT_EQ(subscriptions, 3u);
}

TEST_F(update_stream, the_pause_ends_and_progress_makes_up_for_it) {
  std::atomic<unsigned> subscriptions = 0;
  server.reactive = [&](const auto&, auto stream) {
    const unsigned number = ++subscriptions;
    const std::string text(number / 10, 'x');
    stream->write(snapshot(1, number == 50 ? having_said(text) : saying(text))).end(grpc::Status::OK);
  };
  follow_options options;
  options.limits.subscriptions_at_once = 2;
  options.limits.pause_first = 1ms;
  options.limits.pause_most = 2ms;
  const told turn = follow(options);
  EXPECT_EQ(turn.events, (lines{"text 1 +x", "text 1 +x", "text 1 +x", "text 1 +x", "text 1 +x", "finished stop"}));
}

TEST_F(update_stream, updates_that_never_fit_end_in_an_error) {
  std::atomic<unsigned> subscriptions = 0;
  server.reactive = [&](const auto&, auto stream) {
    ++subscriptions;
    test::reactive_response broken;
    broken.set_version(1);
    broken.set_full_state("\xff\xff\xff");
    stream->write(broken);
  };
  follow_options options;
  options.limits.refused_updates_at_most = 4;
  options.limits.pause_first = 1ms;
  const told turn = follow(options);
  EXPECT_EQ(turn.end, cascade::errc::malformed);
  EXPECT_EQ(subscriptions, 5u);
}

TEST_F(update_stream, a_state_beyond_its_limit_is_an_error_at_once) {
  std::atomic<unsigned> subscriptions = 0;
  server.reactive = [&](const auto&, auto stream) {
    ++subscriptions;
    stream->write(snapshot(1, saying(std::string(1 << 20, 'x'))));
  };
  follow_options options;
  options.limits.view.max_bytes = 1 << 19;
  EXPECT_EQ(follow(options).end, cascade::errc::too_large);
  EXPECT_EQ(subscriptions, 1u);
}

TEST_F(update_stream, a_server_that_dies_in_the_middle_of_a_turn_is_an_error_that_stays) {
  server.reactive = [](const auto&, auto stream) { stream->write(snapshot(1, saying("Hel"))); };
  const auto task = [](cascade::client& at, cascade::stream_kind_memory& memory,
                       test::fake_language_server& crashing) -> asio::awaitable<void> {
    cascade::update_stream updates(at, "c", memory);
    told before;
    co_await test::hear(updates, before, 1);
    EXPECT_EQ(before.events, lines{"text 1 +Hel"});
    std::thread crash([&] { crashing.die(); });
    const auto after = co_await updates.next();
    crash.join();
    EXPECT_TRUE(after.has_error());
    const auto again = co_await updates.next();
    EXPECT_TRUE(again.has_error());
    if (after.has_error() && again.has_error()) EXPECT_EQ(after.error(), again.error());
    EXPECT_EQ(updates.failure().code.category(), cascade::rpc_category());
  };
  run(pool, task(client(), kinds, server));
}

TEST_F(update_stream, an_idle_that_comes_before_the_last_words_makes_the_steps_be_read_again) {
  auto early = saying("Hel");
  early.set_status(test::CASCADE_RUN_STATUS_IDLE);
  server.reactive = [&](const auto&, auto stream) {
    stream->write(snapshot(1, saying("Hel"))).write(update(2, saying("Hel"), early));
  };
  std::atomic<unsigned> step_reads = 0;
  server.steps = [&](const auto& request, auto& response) {
    EXPECT_EQ(request.step_offset(), 1u);
    const auto now = ++step_reads < 3 ? early : having_said("Hello");
    *response.add_steps() = now.trajectory().steps(1);
    return grpc::Status::OK;
  };
  follow_options options;
  options.limits.late_read_every = 1ms;
  EXPECT_EQ(follow(options).events, hello);
  EXPECT_EQ(step_reads, 3u);
}

TEST_F(update_stream, last_words_that_never_come_are_not_waited_for_without_end) {
  auto early = saying("Hel");
  early.set_status(test::CASCADE_RUN_STATUS_IDLE);
  server.agent_state = [&](const auto&, auto stream) { stream->write(whole(saying("Hel"))).write(whole(early)); };
  std::atomic<unsigned> step_reads = 0;
  server.steps = [&](const auto&, auto& response) {
    ++step_reads;
    *response.add_steps() = early.trajectory().steps(1);
    return grpc::Status::OK;
  };
  follow_options options;
  options.limits.late_read_every = 1ms;
  options.limits.late_reads = 5;
  const told turn = follow(options);
  EXPECT_EQ(turn.events, (lines{"text 1 +Hel", "finished stop"}));
  EXPECT_EQ(turn.end, asio::error::eof);
  EXPECT_EQ(step_reads, 5u);
}

TEST_F(update_stream, cancelling_a_wait_for_events_ends_the_subscription) {
  test::fake_language_server::reactive_stream opened;
  test::flag begun;
  server.reactive = [&](const auto&, auto stream) {
    stream->write(snapshot(1, saying("")));
    opened = stream;
    begun.set();
  };
  told turn;
  cascade::update_stream updates(client(), "c", kinds);
  test::cancellable task(pool);
  task.start(test::hear(updates, turn));
  ASSERT_TRUE(begun.wait());
  task.cancel();
  task.wait();
  EXPECT_TRUE(opened->cancelled.wait());
  // Thrown instead if the cancellation came between two awaits.
  EXPECT_TRUE(task.threw() || turn.end == asio::error::operation_aborted);
}

TEST_F(update_stream, a_stream_that_goes_out_of_scope_ends_its_subscription) {
  test::fake_language_server::reactive_stream opened;
  server.reactive = [&](const auto&, auto stream) {
    opened = stream;
    stream->write(snapshot(1, saying("Hel")));
  };
  const auto task = [](cascade::client& at, cascade::stream_kind_memory& memory) -> asio::awaitable<void> {
    cascade::update_stream updates(at, "c", memory);
    told some;
    co_await test::hear(updates, some, 1);
  };
  run(pool, task(client(), kinds));
  EXPECT_TRUE(opened->cancelled.wait());
}

}  // namespace
