#include "cascade/rpc/client.hpp"

#include <gtest/gtest.h>

#include <set>

#include "test/cascade/shell_fixture.hpp"

namespace {

using test::run;
namespace ls = exa::language_server_pb;

class client : public test::shell_fixture {
 protected:
  static cascade::client_options identified() {
    cascade::client_options options;
    options.identity.set_ide_name("zerogravity");
    return options;
  }
};

TEST_F(client, starting_and_sending_say_who_we_are_unless_the_request_does) {
  std::vector<std::string> names;
  server.start_cascade = [&](const auto& request, auto& response) {
    names.push_back(request.metadata().ide_name());
    response.set_cascade_id(request.cascade_id());
    return grpc::Status::OK;
  };
  server.send_message = [&](const auto& request, auto& response) {
    names.push_back(request.metadata().ide_name());
    response.set_queued(request.items(0).text() == "hello");
    return grpc::Status::OK;
  };
  ls::StartCascadeRequest start;
  start.set_cascade_id("c1");
  const auto started = run(pool, shell_fixture::client(identified()).start_cascade(start));
  ASSERT_TRUE(started.has_value());
  EXPECT_EQ(started->cascade_id(), "c1");

  ls::SendUserCascadeMessageRequest message;
  message.add_items()->set_text("hello");
  message.mutable_metadata()->set_ide_name("another");
  const auto sent = run(pool, shell_fixture::client().send_message(message));
  ASSERT_TRUE(sent.has_value());
  EXPECT_TRUE(sent->queued());
  EXPECT_EQ(names, (std::vector<std::string>{"zerogravity", "another"}));
}

TEST_F(client, getters_pass_the_cascade_and_the_offset) {
  server.steps = [](const auto& request, auto& response) {
    for (unsigned i = 0; i < request.step_offset(); ++i) response.add_steps();
    return request.cascade_id() == "c" ? grpc::Status::OK : grpc::Status::CANCELLED;
  };
  server.generator_metadata = [](const auto& request, auto& response) {
    for (unsigned i = 0; i < request.generator_metadata_offset(); ++i) response.add_generator_metadata();
    return request.cascade_id() == "c" ? grpc::Status::OK : grpc::Status::CANCELLED;
  };
  server.trajectory = [](const auto& request, auto& response) {
    response.mutable_trajectory()->set_cascade_id(request.cascade_id());
    return grpc::Status::OK;
  };
  EXPECT_EQ(run(pool, shell_fixture::client().steps("c", 3)).value().steps_size(), 3);
  EXPECT_EQ(run(pool, shell_fixture::client().generator_metadata("c", 2)).value().generator_metadata_size(), 2);
  EXPECT_EQ(run(pool, shell_fixture::client().trajectory("c")).value().trajectory().cascade_id(), "c");
}

TEST_F(client, a_method_that_a_build_lacks_is_unimplemented_and_a_refusal_has_the_servers_words) {
  server.cancel = [](const auto& request, auto&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no cascade " + request.cascade_id());
  };
  EXPECT_EQ(run(pool, shell_fixture::client().list()).error().code, cascade::rpc_errc::unimplemented);
  const auto refused = run(pool, shell_fixture::client().cancel("c9"));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(to_string(refused.error()), "NOT_FOUND: no cascade c9");
  EXPECT_THROW(refused.value(), boost::system::system_error);
}

TEST_F(client, every_subscription_has_an_id_of_its_own) {
  std::mutex mutex;
  std::set<std::string> ids;
  server.reactive = [&](const auto& request, auto stream) {
    std::lock_guard lock(mutex);
    ids.insert(stream->subscriber_id);
    stream->end(request.protocol_version() == 1 && request.id() == "c" ? grpc::Status::OK : grpc::Status::CANCELLED);
  };
  run(pool, [](cascade::client& at) -> asio::awaitable<void> {
    for (int i = 0; i < 5; ++i) {
      auto stream = at.reactive_updates("c");
      const auto end = co_await stream.next();
      EXPECT_TRUE(end.has_error());
      if (end.has_error()) EXPECT_EQ(end.error().code, asio::error::eof);
    }
  }(shell_fixture::client()));
  EXPECT_EQ(ids.size(), 5u);
  for (const auto& id : ids) EXPECT_EQ(id.size(), 36u) << id;
}

TEST_F(client, a_server_that_is_gone_is_unavailable) {
  EXPECT_TRUE(run(pool, shell_fixture::client().heartbeat()).has_value());
  server.die();
  const auto gone = run(pool, shell_fixture::client().heartbeat());
  ASSERT_TRUE(gone.has_error());
  EXPECT_EQ(gone.error().code, cascade::rpc_errc::unavailable);
}

}  // namespace
