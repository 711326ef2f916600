// The process as its supervisor and a first caller see it.

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sys/un.h>

#include "net/wire/client_hello.hpp"
#include "test/sim/language_server/test/simulator_calls.hpp"
#include "test/support/grpc_tsan.hpp"

namespace sim::ls {
namespace {

/// Without a provider: nothing listens there.
struct processes : testing::Test {
  folder work;
  std::string nowhere = "connect=127.0.0.1:9";
  server with(const std::string& switches) { return server(work.path, nowhere + "," + switches); }

  processes() { std::ofstream(work.path / "origin-ca.pem"); }
};

TEST_F(processes, what_is_on_stdin_must_be_metadata) {
  for (const std::string_view input : {"", "\xff\xff"}) {
    process ls(server_command(nowhere), input, STDERR_FILENO);
    EXPECT_TRUE(ls.line_with("failed to read initial metadata"));
    EXPECT_EQ(ls.exit_code(), 1);
  }
}

TEST_F(processes, an_exit_at_start_is_asked_for_once_by_a_file) {
  const auto flag = work.path / "exit";
  std::ofstream(flag).flush();
  process first(server_command("exit0_at_start=" + flag.string()), initial_metadata(), STDERR_FILENO);
  EXPECT_EQ(first.exit_code(), 0);
  process second(server_command("exit0_at_start=" + flag.string()), initial_metadata(), STDERR_FILENO);
  EXPECT_TRUE(second.line_with("initialized server successfully"));
}

TEST_F(processes, the_server_ends_when_its_parent_does) {
  const auto path = (work.path / "parent").string();
  const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  process ls(server_command(nowhere, {"--parent_pipe_path", path}), initial_metadata(), STDERR_FILENO);
  const int parent = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  ASSERT_TRUE(ls.line_with("initialized server successfully"));
  ::close(parent);
  ::close(listening);
  EXPECT_EQ(ls.exit_code(), 0);
}

TEST_F(processes, a_call_without_the_token_is_refused) {
  auto ls = with("");
  grpc::ClientContext call;
  rpc::HeartbeatResponse response;
  EXPECT_EQ(ls.stub->Heartbeat(&call, {}, &response).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  call_context allowed;
  EXPECT_TRUE(ls.stub->Heartbeat(&allowed, {}, &response).ok());
  EXPECT_GT(response.last_extension_heartbeat().seconds(), 0);
}

TEST_F(processes, a_message_must_name_a_model_that_is_there) {
  auto ls = with("");
  const auto id = start(ls);
  EXPECT_EQ(send(ls, id, "hello", nullptr, 0).error_message(), "neither PlanModel nor RequestedModel specified");
  EXPECT_EQ(send(ls, id, "hello", nullptr, 7).error_message(), "model not found: 7");
}

TEST_F(processes, reactive_state_is_refused_in_three_ways) {
  const std::vector<std::tuple<std::string, grpc::StatusCode, std::string>> ways{
      {"disabled", grpc::StatusCode::UNKNOWN, "reactive state is disabled"},
      {"deprecated", grpc::StatusCode::UNKNOWN, "reactive state is deprecated"},
      {"unimplemented", grpc::StatusCode::UNIMPLEMENTED, "unimplemented"}};
  for (const auto& [way, code, message] : ways) {
    auto ls = with("agent=unimplemented,reactive=" + way);
    const auto id = start(ls);
    reactive_subscription refused(ls, id, "s");
    const auto status = refused.reader->Finish();
    EXPECT_EQ(status.error_code(), code);
    EXPECT_EQ(status.error_message(), message);
    agent_subscription also(ls, id, "s");
    EXPECT_EQ(also.reader->Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
  }
}

TEST_F(processes, a_subscriber_id_that_is_used_again_closes_the_earlier_subscription) {
  auto ls = with("");
  const auto id = start(ls);
  StreamReactiveUpdatesResponse response;
  reactive_subscription first(ls, id, "s");
  ASSERT_TRUE(first.reader->Read(&response));
  reactive_subscription second(ls, id, "s");
  ASSERT_TRUE(second.reader->Read(&response));
  EXPECT_FALSE(first.reader->Read(&response));
  EXPECT_EQ(first.reader->Finish().error_message(), "subscription closed by repeat id");
}

TEST_F(processes, a_lost_update_shows_in_the_versions) {
  auto ls = with("version_gap");
  const auto id = start(ls);
  reactive_subscription following(ls, id, "s");
  StreamReactiveUpdatesResponse response;
  ASSERT_TRUE(following.reader->Read(&response));
  ASSERT_TRUE(send(ls, id, "[[ls:synthetic=5]]").ok());
  std::vector<std::uint64_t> versions;
  while (versions.size() < 3 && following.reader->Read(&response)) versions.push_back(response.version());
  following.call.TryCancel();
  EXPECT_THAT(versions, testing::ElementsAre(2, 4, 5));
}

TEST_F(processes, a_giant_snapshot_comes_with_a_new_cascade) {
  auto ls = with("giant_snapshot=6000000");
  reactive_subscription following(ls, start(ls), "s");
  StreamReactiveUpdatesResponse response;
  ASSERT_TRUE(following.reader->Read(&response));
  EXPECT_GT(response.ByteSizeLong(), 6'000'000u);
  following.call.TryCancel();
}

TEST_F(processes, a_provider_out_of_reach_is_an_error_step) {
  auto ls = with("retry_ms=1");
  const auto id = start(ls);
  ASSERT_TRUE(send(ls, id, "hello").ok());
  const auto steps = steps_after_turn(ls, id, "s");
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_THAT(steps[1].error_message().error().short_error(), testing::HasSubstr("UNAVAILABLE (code 503)"));
}

TEST_F(processes, the_provider_is_greeted_by_name_and_without_alpn) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  nowhere = "connect=127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  auto ls = with("");
  ASSERT_TRUE(send(ls, start(ls), "hello").ok());
  const int accepted = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  std::vector<std::byte> prefix(net::wire::max_client_hello);
  std::size_t known = 0;
  auto hello = net::wire::parse_client_hello({});
  while (hello.error() == net::wire::errc::need_more) {
    const auto got = ::read(accepted, prefix.data() + known, prefix.size() - known);
    ASSERT_GT(got, 0);
    known += static_cast<std::size_t>(got);
    hello = net::wire::parse_client_hello(std::span(prefix).first(known));
  }
  ASSERT_TRUE(hello) << hello.error().message();
  EXPECT_EQ(hello->server_name, "daily-cloudcode-pa.googleapis.com");
  EXPECT_THAT(hello->alpn, testing::IsEmpty());
  ::close(accepted);
  ::close(listening);
}

TEST_F(processes, exit_stops_the_process_and_other_methods_are_not_there) {
  auto ls = with("");
  grpc::GenericStub any(ls.channel());
  const auto ask = [&](const std::string& method) {
    call_context call;
    grpc::CompletionQueue queue;
    const grpc::Slice nothing;
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    auto reader =
        any.PrepareUnaryCall(&call, "/exa.language_server_pb.LanguageServerService/" + method, request, &queue);
    reader->StartCall();
    reader->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status.error_code();
  };
  EXPECT_EQ(ask("GetUnleashData"), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(ask("Exit"), grpc::StatusCode::OK);
  EXPECT_EQ(ls.running().exit_code(), 0);
}

TEST_F(processes, quotas_of_the_models_are_told_and_a_used_up_one_is_absent) {
  auto ls = with("");
  call_context call;
  exa::codeium_common_pb::CascadeModelConfigData configs;
  ASSERT_TRUE(ls.stub->GetCascadeModelConfigData(&call, {}, &configs).ok());
  ASSERT_GT(configs.client_model_configs_size(), 2);
  EXPECT_FLOAT_EQ(configs.client_model_configs(0).quota_info().remaining_fraction(), 0.8F);
  call_context again;
  rpc::GetUserStatusResponse user;
  ASSERT_TRUE(ls.stub->GetUserStatus(&again, {}, &user).ok());
  EXPECT_EQ(user.user_status().cascade_model_config_data().client_model_configs_size(),
            configs.client_model_configs_size());
}

}  // namespace
}  // namespace sim::ls
