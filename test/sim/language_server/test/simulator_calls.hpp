#pragma once

// For tests: the calls that a client of the language-server simulator makes.

#include "proto/jetski_cortex.pb.h"
#include "proto/reactive_component.pb.h"
#include "test/sim/language_server/test/simulators.hpp"

namespace sim::ls {

namespace cortex = exa::cortex_pb;
using exa::jetski_cortex_pb::StreamAgentStateUpdatesResponse;
using exa::reactive_component_pb::StreamReactiveUpdatesResponse;

inline constexpr std::string_view whole_text = "word 0 – é 世界 🚀 word 1 – é 世界 🚀 word 2 – é 世界 🚀 ";

struct call_context : grpc::ClientContext {
  call_context() {
    AddMetadata("x-codeium-csrf-token", std::string(csrf_token));
    set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }
};

inline std::string start(server& to) {
  call_context call;
  rpc::StartCascadeResponse response;
  const auto status = to.stub->StartCascade(&call, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.cascade_id();
}

/// Model 0: none is named.
inline grpc::Status send(server& to, const std::string& id, const std::string& text, bool* queued = nullptr,
                         int model = 1018) {
  call_context call;
  rpc::SendUserCascadeMessageRequest request;
  request.set_cascade_id(id);
  request.add_items()->set_text(text);
  auto& config = *request.mutable_cascade_config()->mutable_planner_config();
  config.mutable_requested_model()->set_model(static_cast<exa::codeium_common_pb::Model>(model));
  rpc::SendUserCascadeMessageResponse response;
  auto status = to.stub->SendUserCascadeMessage(&call, request, &response);
  if (queued) *queued = response.queued();
  return status;
}

struct reactive_subscription {
  call_context call;
  std::unique_ptr<grpc::ClientReader<StreamReactiveUpdatesResponse>> reader;

  reactive_subscription(server& to, const std::string& id, const std::string& subscriber) {
    exa::reactive_component_pb::StreamReactiveUpdatesRequest request;
    request.set_protocol_version(1);
    request.set_id(id);
    request.set_subscriber_id(subscriber);
    reader = to.stub->StreamCascadeReactiveUpdates(&call, request);
  }
};

struct agent_subscription {
  call_context call;
  std::unique_ptr<grpc::ClientReader<StreamAgentStateUpdatesResponse>> reader;

  agent_subscription(server& to, const std::string& id, const std::string& subscriber) {
    exa::jetski_cortex_pb::StreamAgentStateUpdatesRequest request;
    request.set_conversation_id(id);
    request.set_subscriber_id(subscriber);
    reader = to.stub->StreamAgentStateUpdates(&call, request);
  }
};

/// Follows a cascade by agent state until it rests after a turn; all its steps then.
inline std::vector<gemini_coder::Step> steps_after_turn(server& to, const std::string& id,
                                                        const std::string& subscriber) {
  agent_subscription following(to, id, subscriber);
  StreamAgentStateUpdatesResponse response;
  std::vector<gemini_coder::Step> steps;
  while (following.reader->Read(&response)) {
    const auto& changed = response.update().main_trajectory_update().steps_update();
    if (changed.total_length() > 0) steps.resize(changed.total_length());
    for (int i = 0; i < changed.indices_size(); ++i) steps.at(changed.indices(i)) = changed.steps(i);
    if (!steps.empty() && response.update().fully_idle()) break;
  }
  following.call.TryCancel();
  return steps;
}

inline void cancel(server& to, const std::string& id) {
  call_context call;
  rpc::CancelCascadeInvocationRequest request;
  request.set_cascade_id(id);
  rpc::CancelCascadeInvocationResponse response;
  EXPECT_TRUE(to.stub->CancelCascadeInvocation(&call, request, &response).ok());
}

inline std::vector<cortex::CortexStepGeneratorMetadata> calls_of(server& of, const std::string& id) {
  call_context call;
  rpc::GetCascadeTrajectoryGeneratorMetadataRequest request;
  request.set_cascade_id(id);
  rpc::GetCascadeTrajectoryGeneratorMetadataResponse response;
  EXPECT_TRUE(of.stub->GetCascadeTrajectoryGeneratorMetadata(&call, request, &response).ok());
  return {response.generator_metadata().begin(), response.generator_metadata().end()};
}

/// Both simulators, anew for each test.
struct turns : testing::Test {
  folder work;
  origin provider{work.path};
  std::optional<server> running;

  server& with(const std::string& switches) {
    return running.emplace(work.path, provider.connect() + (switches.empty() ? "" : "," + switches));
  }
};

}  // namespace sim::ls
