#include "cascade/rpc/rpc_stream.hpp"

#include <gtest/gtest.h>

#include "test/cascade/shell_fixture.hpp"
#include "test/support/grpc_tsan.hpp"

namespace {

using namespace std::chrono_literals;
using test::run;

using message = test::fake_language_server::reactive_response;

message numbered(std::uint64_t version, std::size_t padding = 0) {
  message update;
  update.set_version(version);
  if (padding > 0) update.set_full_state(std::string(padding, 'x'));
  return update;
}

cascade::client_options heartbeat_within(std::chrono::milliseconds limit) {
  cascade::client_options options;
  options.heartbeat = limit;
  return options;
}

class rpc : public test::shell_fixture {};

asio::awaitable<std::vector<std::uint64_t>> read_all(cascade::client& at, boost::system::error_code& end) {
  auto stream = at.reactive_updates("c");
  std::vector<std::uint64_t> versions;
  for (;;) {
    const auto update = co_await stream.next();
    if (update.has_error()) {
      end = update.error().code;
      co_return versions;
    }
    versions.push_back((*update)->version());
  }
}

TEST_F(rpc, messages_arrive_in_the_order_of_their_writing_and_then_the_end) {
  server.reactive = [](const auto&, auto stream) {
    for (std::uint64_t i = 1; i <= 500; ++i) stream->write(numbered(i));
    stream->end(grpc::Status::OK);
  };
  boost::system::error_code end;
  const auto versions = run(pool, read_all(client(), end));
  std::vector<std::uint64_t> expected(500);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(versions, expected);
  EXPECT_EQ(end, asio::error::eof);
}

TEST_F(rpc, the_status_of_a_failed_stream_comes_after_its_messages_with_the_servers_words) {
  server.reactive = [](const auto&, auto stream) {
    stream->write(numbered(1)).end({grpc::StatusCode::RESOURCE_EXHAUSTED, "quota is used up"});
  };
  run(pool, [](cascade::client& at) -> asio::awaitable<void> {
    auto stream = at.reactive_updates("c");
    const auto first = co_await stream.next();
    EXPECT_TRUE(first.has_value());
    const auto second = co_await stream.next();
    EXPECT_TRUE(second.has_error());
    if (second.has_value()) co_return;
    EXPECT_EQ(second.error().code, cascade::rpc_errc::resource_exhausted);
    EXPECT_EQ(to_string(second.error()), "RESOURCE_EXHAUSTED: quota is used up");
  }(client()));
}

TEST_F(rpc, a_server_stops_writing_when_nobody_reads) {
  static constexpr std::size_t size = 64 * 1024;
  static constexpr std::size_t count = 1024;
  static constexpr std::size_t bound = 48;  // 3 MB for what both transports hold; without limits it would be all 64 MB
  std::shared_ptr<test::scripted_stream<message>> writer;
  test::flag begun;
  server.reactive = [&](const auto&, auto stream) {
    for (std::size_t i = 1; i <= count; ++i) stream->write(numbered(i, size));
    stream->end(grpc::Status::OK);
    writer = stream;
    begun.set();
  };
  auto stream = client().reactive_updates("c");
  ASSERT_TRUE(begun.wait());
  run(pool, [](auto& open, const auto& from) -> asio::awaitable<void> {
    for (std::size_t read = 1; read <= count; ++read) {
      const auto update = co_await open.next();
      EXPECT_TRUE(update.has_value());
      if (update.has_error()) co_return;
      EXPECT_EQ((*update)->version(), read);
      EXPECT_LE(from.written(), read + bound);
      // Time in which an unlimited server would write everything; a limited one cannot use it.
      if (read == 1) co_await test::pause(300ms);
      if (read == 1) EXPECT_LE(from.written(), read + bound);
    }
  }(stream, *writer));
}

TEST_F(rpc, leaving_the_scope_of_a_stream_cancels_it_at_the_server) {
  std::shared_ptr<test::scripted_stream<message>> writer;
  server.reactive = [&](const auto&, auto stream) {
    writer = stream;
    stream->write(numbered(1));
  };
  run(pool, [](cascade::client& at) -> asio::awaitable<void> {
    auto stream = at.reactive_updates("c");
    const auto first = co_await stream.next();
    EXPECT_TRUE(first.has_value());
    EXPECT_EQ(at.calls_in_flight(), 1u);
  }(client()));
  EXPECT_TRUE(writer->cancelled.wait());
}

TEST_F(rpc, close_returns_when_the_call_is_done) {
  server.reactive = [](const auto&, auto stream) { stream->write(numbered(1)); };
  run(pool, [](cascade::client& at) -> asio::awaitable<void> {
    auto stream = at.reactive_updates("c");
    const auto first = co_await stream.next();
    EXPECT_TRUE(first.has_value());
    co_await stream.close();
    EXPECT_EQ(at.calls_in_flight(), 0u);
    EXPECT_FALSE(stream.open());
    co_await stream.close();
  }(client()));
}

TEST_F(rpc, a_stream_that_was_never_read_can_be_closed_and_left) {
  server.reactive = [](const auto&, auto stream) { stream->write(numbered(1)); };
  run(pool, [](cascade::client& at) -> asio::awaitable<void> {
    auto closed = at.reactive_updates("c");
    co_await closed.close();
    auto left = at.reactive_updates("c");
  }(client()));
  drop_client();  // waits for the call that was left
}

TEST_F(rpc, a_client_that_goes_waits_for_calls_that_were_left) {
  server.reactive = [](const auto&, auto) {};
  for (int i = 0; i < 20; ++i) client().reactive_updates("c");
  drop_client();
  // Nothing to assert but that this ends: the leak checker sees a state that did not go.
}

TEST_F(rpc, cancelling_a_read_ends_the_call_at_the_server_with_operation_aborted) {
  std::shared_ptr<test::scripted_stream<message>> writer;
  test::flag begun;
  server.reactive = [&](const auto&, auto stream) {
    writer = stream;
    begun.set();
  };
  test::cancellable task(pool);
  boost::system::error_code end;
  task.start([](cascade::client& at, boost::system::error_code& out) -> asio::awaitable<void> {
    auto stream = at.reactive_updates("c");
    const auto update = co_await stream.next();
    if (update.has_error()) out = update.error().code;
  }(client(), end));
  ASSERT_TRUE(begun.wait());
  task.cancel();
  task.wait();
  EXPECT_EQ(end, asio::error::operation_aborted);
  EXPECT_TRUE(writer->cancelled.wait());
}

TEST_F(rpc, cancelling_a_unary_call_ends_it_at_the_server_with_operation_aborted) {
  server.stalled = true;
  test::cancellable task(pool);
  boost::system::error_code end;
  task.start([](cascade::client& at, boost::system::error_code& out) -> asio::awaitable<void> {
    const auto answer = co_await at.heartbeat();
    if (answer.has_error()) out = answer.error().code;
    EXPECT_EQ(at.calls_in_flight(), 0u);
  }(client(heartbeat_within(60s)), end));
  ASSERT_TRUE(server.heartbeat_arrived.wait());
  task.cancel();
  task.wait();
  EXPECT_EQ(end, asio::error::operation_aborted);
}

TEST_F(rpc, a_unary_call_that_outlives_its_limit_is_timed_out_and_cancelled_at_the_server) {
  server.stalled = true;
  const auto answer = run(pool, client(heartbeat_within(2s)).heartbeat());
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, asio::error::timed_out);
  EXPECT_TRUE(server.heartbeat_cancelled.wait());
}

TEST_F(rpc, a_server_that_dies_in_the_middle_of_a_stream_is_unavailable_at_once) {
  server.reactive = [](const auto&, auto stream) { stream->write(numbered(1)); };
  run(pool, [](cascade::client& at, test::fake_language_server& crashing) -> asio::awaitable<void> {
    auto stream = at.reactive_updates("c");
    const auto first = co_await stream.next();
    EXPECT_TRUE(first.has_value());
    std::thread crash([&] { crashing.die(); });
    const auto second = co_await stream.next();
    crash.join();
    EXPECT_TRUE(second.has_error());
    if (second.has_value()) co_return;
    // The fake closes in an orderly way: gRPC may tell its cancellation before the connection is gone.
    EXPECT_TRUE(second.error().code == cascade::rpc_errc::unavailable ||
                second.error().code == cascade::rpc_errc::cancelled)
        << to_string(second.error());
  }(client(), server));
}

TEST_F(rpc, a_message_beyond_the_receive_limit_is_refused_and_one_below_it_passes) {
  server.reactive = [](const auto&, auto stream) {
    stream->write(numbered(1, 900'000)).write(numbered(2, 1'100'000)).end(grpc::Status::OK);
  };
  connect({.max_receive_bytes = 1'000'000});
  boost::system::error_code end;
  EXPECT_EQ(run(pool, read_all(client(), end)), std::vector<std::uint64_t>{1});
  EXPECT_EQ(end, cascade::rpc_errc::resource_exhausted);
}

TEST_F(rpc, a_snapshot_far_beyond_the_stream_window_is_received_whole) {
  server.reactive = [](const auto&, auto stream) { stream->write(numbered(1, 20 << 20)).end(grpc::Status::OK); };
  boost::system::error_code end;
  EXPECT_EQ(run(pool, read_all(client(), end)), std::vector<std::uint64_t>{1});
  EXPECT_EQ(end, asio::error::eof);
}

TEST_F(rpc, many_streams_at_once_each_resume_on_their_own_strand) {
  server.reactive = [](const auto& request, auto stream) {
    for (std::uint64_t i = 1; i <= 50; ++i) stream->write(numbered(i + std::stoull(request.id()) * 1000));
    stream->end(grpc::Status::OK);
  };
  static constexpr int streams = 30;
  std::atomic<int> right = 0;
  net::task_group readers(pool.strand(), [](const std::string& what) { ADD_FAILURE() << what; });
  for (int i = 0; i < streams; ++i) {
    readers.spawn(pool.strand(), [](cascade::client& at, int id, std::atomic<int>& count) -> asio::awaitable<void> {
      auto stream = at.reactive_updates(std::to_string(id));
      for (std::uint64_t expected = 1; expected <= 50; ++expected) {
        const auto update = co_await stream.next();
        if (update.has_error() || (*update)->version() != expected + static_cast<unsigned>(id) * 1000) co_return;
      }
      ++count;
    }(client(), i, right));
  }
  run(pool, readers.join());
  EXPECT_EQ(right, streams);
}

}  // namespace
