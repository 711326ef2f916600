#pragma once

// A language server for tests: the generated service over gRPC and TLS on a loopback port, with a self-signed
// certificate of its own. Every method is a function that a test may set; unset ones are UNIMPLEMENTED, as on a build
// that lacks them.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "cascade/rpc/channel.hpp"
#include "proto/language_server.grpc.pb.h"
#include "test/support/flag.hpp"
#include "test/support/scripted_stream.hpp"
#include "test/support/self_signed.hpp"

namespace test {

namespace ls = exa::language_server_pb;

class fake_language_server final
    : private ls::LanguageServerService::WithCallbackMethod_StreamCascadeReactiveUpdates<
          ls::LanguageServerService::WithCallbackMethod_StreamAgentStateUpdates<
              ls::LanguageServerService::WithCallbackMethod_Heartbeat<ls::LanguageServerService::Service>>> {
 public:
  template <class Request, class Response>
  using unary = std::function<grpc::Status(const Request&, Response&)>;
  using reactive_request = exa::reactive_component_pb::StreamReactiveUpdatesRequest;
  using reactive_response = exa::reactive_component_pb::StreamReactiveUpdatesResponse;
  using reactive_stream = std::shared_ptr<scripted_stream<reactive_response>>;
  using agent_request = exa::jetski_cortex_pb::StreamAgentStateUpdatesRequest;
  using agent_response = exa::jetski_cortex_pb::StreamAgentStateUpdatesResponse;
  using agent_stream = std::shared_ptr<scripted_stream<agent_response>>;

  explicit fake_language_server(key_and_certificate identity = self_signed("DNS:localhost,IP:127.0.0.1"))
      : identity_(std::move(identity)) {
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({identity_.key_pem, identity_.certificate_pem});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~fake_language_server() override { die(); }

  cascade::server_address address() const {
    return {"127.0.0.1:" + std::to_string(port_), token, identity_.certificate_pem};
  }
  /// Closes the port and every connection with the calls on it, as a crash does.
  void die() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }

  const std::string token = "token";

  // Set before the first call; each runs on a thread of the server.
  unary<ls::StartCascadeRequest, ls::StartCascadeResponse> start_cascade;
  unary<ls::SendUserCascadeMessageRequest, ls::SendUserCascadeMessageResponse> send_message;
  unary<ls::CancelCascadeInvocationRequest, ls::CancelCascadeInvocationResponse> cancel;
  unary<ls::GetCascadeTrajectoryStepsRequest, ls::GetCascadeTrajectoryStepsResponse> steps;
  unary<ls::GetCascadeTrajectoryRequest, ls::GetCascadeTrajectoryResponse> trajectory;
  unary<ls::GetCascadeTrajectoryGeneratorMetadataRequest, ls::GetCascadeTrajectoryGeneratorMetadataResponse>
      generator_metadata;
  unary<ls::GetAllCascadeTrajectoriesRequest, ls::GetAllCascadeTrajectoriesResponse> list;
  unary<ls::GetUserStatusRequest, ls::GetUserStatusResponse> user_status;
  unary<ls::GetCascadeModelConfigDataRequest, exa::codeium_common_pb::CascadeModelConfigData> models;
  unary<ls::HandleCascadeUserInteractionRequest, ls::HandleCascadeUserInteractionResponse> interaction;
  /// Scripts a subscription that has just begun.
  std::function<void(const reactive_request&, reactive_stream)> reactive;
  std::function<void(const agent_request&, agent_stream)> agent_state;
  /// Heartbeats are never answered.
  std::atomic<bool> stalled = false;
  flag heartbeat_arrived;
  flag heartbeat_cancelled;

 private:
  class held_answer final : public grpc::ServerUnaryReactor {
   public:
    explicit held_answer(flag& cancelled) : cancelled_(cancelled) {}

   private:
    void OnCancel() override {
      cancelled_.set();
      Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }
    flag& cancelled_;
  };

  grpc::Status admit(const grpc::ServerContextBase& context, bool implemented) const {
    const auto sent = context.client_metadata().find("x-codeium-csrf-token");
    if (sent == context.client_metadata().end() || sent->second != token) {
      return {grpc::StatusCode::UNAUTHENTICATED, "bad token"};
    }
    return implemented ? grpc::Status::OK : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "unknown method");
  }
  template <class Method, class Request, class Response>
  grpc::Status run(const grpc::ServerContext& at, const Method& method, const Request& request, Response& response) {
    const auto admitted = admit(at, method != nullptr);
    return admitted.ok() ? method(request, response) : admitted;
  }
  template <class Response, class Script, class Request>
  grpc::ServerWriteReactor<Response>* stream(const grpc::CallbackServerContext& at, const Script& script,
                                             const Request& request) {
    auto opened = std::make_shared<scripted_stream<Response>>(request.subscriber_id());
    opened->open();
    const auto admitted = admit(at, script != nullptr);
    admitted.ok() ? script(request, opened) : opened->end(admitted);
    return opened.get();
  }

  using context = grpc::ServerContext;
  grpc::Status StartCascade(context* at, const ls::StartCascadeRequest* request,
                            ls::StartCascadeResponse* response) override {
    return run(*at, start_cascade, *request, *response);
  }
  grpc::Status SendUserCascadeMessage(context* at, const ls::SendUserCascadeMessageRequest* request,
                                      ls::SendUserCascadeMessageResponse* response) override {
    return run(*at, send_message, *request, *response);
  }
  grpc::Status CancelCascadeInvocation(context* at, const ls::CancelCascadeInvocationRequest* request,
                                       ls::CancelCascadeInvocationResponse* response) override {
    return run(*at, cancel, *request, *response);
  }
  grpc::Status GetAllCascadeTrajectories(context* at, const ls::GetAllCascadeTrajectoriesRequest* request,
                                         ls::GetAllCascadeTrajectoriesResponse* response) override {
    return run(*at, list, *request, *response);
  }
  grpc::Status GetCascadeTrajectorySteps(context* at, const ls::GetCascadeTrajectoryStepsRequest* request,
                                         ls::GetCascadeTrajectoryStepsResponse* response) override {
    return run(*at, steps, *request, *response);
  }
  grpc::Status GetCascadeTrajectory(context* at, const ls::GetCascadeTrajectoryRequest* request,
                                    ls::GetCascadeTrajectoryResponse* response) override {
    return run(*at, trajectory, *request, *response);
  }
  grpc::Status GetCascadeTrajectoryGeneratorMetadata(
      context* at, const ls::GetCascadeTrajectoryGeneratorMetadataRequest* request,
      ls::GetCascadeTrajectoryGeneratorMetadataResponse* response) override {
    return run(*at, generator_metadata, *request, *response);
  }
  grpc::Status GetUserStatus(context* at, const ls::GetUserStatusRequest* request,
                             ls::GetUserStatusResponse* response) override {
    return run(*at, user_status, *request, *response);
  }
  grpc::Status GetCascadeModelConfigData(context* at, const ls::GetCascadeModelConfigDataRequest* request,
                                         exa::codeium_common_pb::CascadeModelConfigData* response) override {
    return run(*at, models, *request, *response);
  }
  grpc::Status HandleCascadeUserInteraction(context* at, const ls::HandleCascadeUserInteractionRequest* request,
                                            ls::HandleCascadeUserInteractionResponse* response) override {
    return run(*at, interaction, *request, *response);
  }
  grpc::ServerUnaryReactor* Heartbeat(grpc::CallbackServerContext* at, const ls::HeartbeatRequest*,
                                      ls::HeartbeatResponse*) override {
    heartbeat_arrived.set();
    if (stalled) return new held_answer(heartbeat_cancelled);
    auto* reactor = at->DefaultReactor();
    reactor->Finish(admit(*at, true));
    return reactor;
  }
  grpc::ServerWriteReactor<reactive_response>* StreamCascadeReactiveUpdates(grpc::CallbackServerContext* at,
                                                                            const reactive_request* request) override {
    return stream<reactive_response>(*at, reactive, *request);
  }
  grpc::ServerWriteReactor<agent_response>* StreamAgentStateUpdates(grpc::CallbackServerContext* at,
                                                                    const agent_request* request) override {
    return stream<agent_response>(*at, agent_state, *request);
  }

  const key_and_certificate identity_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace test
