#pragma once

// exa.language_server_pb.LanguageServerService as a cascade client sees it. What is not here answers UNIMPLEMENTED; a
// call without the csrf token, UNAUTHENTICATED.

#include <string>
#include <utility>

#include "proto/language_server.grpc.pb.h"
#include "test/sim/language_server/cascades.hpp"

namespace sim::ls {

namespace rpc = exa::language_server_pb;

class service final : public rpc::LanguageServerService::CallbackService {
 public:
  using context = grpc::CallbackServerContext;
  using unary = grpc::ServerUnaryReactor;
  using reactive_request = exa::reactive_component_pb::StreamReactiveUpdatesRequest;
  using reactive_response = exa::reactive_component_pb::StreamReactiveUpdatesResponse;
  using agent_request_message = exa::jetski_cortex_pb::StreamAgentStateUpdatesRequest;
  using agent_response = exa::jetski_cortex_pb::StreamAgentStateUpdatesResponse;

  service(cascades& known, std::string csrf_token) : known_(known), csrf_token_(std::move(csrf_token)) {}

  unary* StartCascade(context*, const rpc::StartCascadeRequest*, rpc::StartCascadeResponse*) override;
  unary* SendUserCascadeMessage(context*, const rpc::SendUserCascadeMessageRequest*,
                                rpc::SendUserCascadeMessageResponse*) override;
  grpc::ServerWriteReactor<reactive_response>* StreamCascadeReactiveUpdates(context*, const reactive_request*) override;
  grpc::ServerWriteReactor<agent_response>* StreamAgentStateUpdates(context*, const agent_request_message*) override;
  unary* GetCascadeTrajectory(context*, const rpc::GetCascadeTrajectoryRequest*,
                              rpc::GetCascadeTrajectoryResponse*) override;
  unary* GetCascadeTrajectorySteps(context*, const rpc::GetCascadeTrajectoryStepsRequest*,
                                   rpc::GetCascadeTrajectoryStepsResponse*) override;
  unary* GetCascadeTrajectoryGeneratorMetadata(context*, const rpc::GetCascadeTrajectoryGeneratorMetadataRequest*,
                                               rpc::GetCascadeTrajectoryGeneratorMetadataResponse*) override;
  unary* GetAllCascadeTrajectories(context*, const rpc::GetAllCascadeTrajectoriesRequest*,
                                   rpc::GetAllCascadeTrajectoriesResponse*) override;
  unary* CancelCascadeInvocation(context*, const rpc::CancelCascadeInvocationRequest*,
                                 rpc::CancelCascadeInvocationResponse*) override;
  unary* HandleCascadeUserInteraction(context*, const rpc::HandleCascadeUserInteractionRequest*,
                                      rpc::HandleCascadeUserInteractionResponse*) override;
  unary* DeleteCascadeTrajectory(context*, const rpc::DeleteCascadeTrajectoryRequest*,
                                 rpc::DeleteCascadeTrajectoryResponse*) override;
  unary* GetUserStatus(context*, const rpc::GetUserStatusRequest*, rpc::GetUserStatusResponse*) override;
  unary* GetCascadeModelConfigData(context*, const rpc::GetCascadeModelConfigDataRequest*,
                                   exa::codeium_common_pb::CascadeModelConfigData*) override;
  unary* Heartbeat(context*, const rpc::HeartbeatRequest*, rpc::HeartbeatResponse*) override;

 private:
  bool may_call(const grpc::CallbackServerContext&) const;
  template <class Answer>
  unary* answer(context*, Answer&&);
  template <class Answer>
  unary* answer_about(context*, const std::string& cascade_id, Answer&&);

  cascades& known_;
  std::string csrf_token_;
};

}  // namespace sim::ls
