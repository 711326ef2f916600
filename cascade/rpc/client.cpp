#include "cascade/rpc/client.hpp"

#include <utility>

#include <grpcpp/channel.h>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace cascade {
namespace {

/// The server ends a subscription when its id is used again.
std::string fresh_subscriber_id() {
  return to_string(boost::uuids::random_generator()());
}

template <class Request>
Request about(std::string cascade_id) {
  Request request;
  request.set_cascade_id(std::move(cascade_id));
  return request;
}

}  // namespace

client::client(channel connection, client_options options)
    : channel_(std::move(connection)),
      options_(std::move(options)),
      stub_(ls::LanguageServerService::NewStub(channel_.native())),
      queue_(std::make_unique<rpc_queue>(options_.threads)) {}

client::~client() = default;

template <class Request, class Response>
client::answer<Response> client::call(method<Request, Response> which, Request request,
                                      std::chrono::milliseconds limit) {
  const auto state = std::make_shared<unary_state<Response>>(*queue_);
  channel_.authorize(state->context);
  state->limit(limit);
  state->start(state, [&](auto* context, auto* queue) { return (stub_.get()->*which)(context, request, queue); });
  co_return co_await answer_of(state);
}

template <class Request, class Message>
read_stream<Message> client::subscribe(stream_method<Request, Message> which, const Request& request) {
  auto state = std::make_shared<stream_state<Message>>(*queue_);
  channel_.authorize(state->context);
  state->start(state, [&](auto* context, auto* queue) { return (stub_.get()->*which)(context, request, queue); });
  return read_stream<Message>(std::move(state));
}

client::answer<ls::StartCascadeResponse> client::start_cascade(ls::StartCascadeRequest request) {
  if (!request.has_metadata()) *request.mutable_metadata() = options_.identity;
  return call(&stub::PrepareAsyncStartCascade, std::move(request), options_.control);
}

client::answer<ls::SendUserCascadeMessageResponse> client::send_message(ls::SendUserCascadeMessageRequest request) {
  if (!request.has_metadata()) *request.mutable_metadata() = options_.identity;
  return call(&stub::PrepareAsyncSendUserCascadeMessage, std::move(request), options_.send);
}

client::answer<ls::HandleCascadeUserInteractionResponse> client::answer_interaction(
    ls::HandleCascadeUserInteractionRequest request) {
  return call(&stub::PrepareAsyncHandleCascadeUserInteraction, std::move(request), options_.control);
}

client::answer<ls::CancelCascadeInvocationResponse> client::cancel(std::string cascade_id) {
  using request = ls::CancelCascadeInvocationRequest;
  return call(&stub::PrepareAsyncCancelCascadeInvocation, about<request>(std::move(cascade_id)), options_.control);
}

client::answer<ls::DeleteCascadeTrajectoryResponse> client::delete_cascade(std::string cascade_id) {
  using request = ls::DeleteCascadeTrajectoryRequest;
  return call(&stub::PrepareAsyncDeleteCascadeTrajectory, about<request>(std::move(cascade_id)), options_.control);
}

client::answer<ls::LoadTrajectoryResponse> client::load(std::string cascade_id) {
  using request = ls::LoadTrajectoryRequest;
  return call(&stub::PrepareAsyncLoadTrajectory, about<request>(std::move(cascade_id)), options_.control);
}

client::answer<ls::GetCascadeTrajectoryStepsResponse> client::steps(std::string cascade_id, std::uint32_t offset) {
  auto request = about<ls::GetCascadeTrajectoryStepsRequest>(std::move(cascade_id));
  request.set_step_offset(offset);
  return call(&stub::PrepareAsyncGetCascadeTrajectorySteps, std::move(request), options_.read);
}

client::answer<ls::GetCascadeTrajectoryResponse> client::trajectory(std::string cascade_id) {
  using request = ls::GetCascadeTrajectoryRequest;
  return call(&stub::PrepareAsyncGetCascadeTrajectory, about<request>(std::move(cascade_id)), options_.read);
}

client::answer<ls::GetCascadeTrajectoryGeneratorMetadataResponse> client::generator_metadata(std::string cascade_id,
                                                                                             std::uint32_t offset) {
  auto request = about<ls::GetCascadeTrajectoryGeneratorMetadataRequest>(std::move(cascade_id));
  request.set_generator_metadata_offset(offset);
  return call(&stub::PrepareAsyncGetCascadeTrajectoryGeneratorMetadata, std::move(request), options_.read);
}

client::answer<ls::GetAllCascadeTrajectoriesResponse> client::list() {
  return call(&stub::PrepareAsyncGetAllCascadeTrajectories, ls::GetAllCascadeTrajectoriesRequest(), options_.read);
}

client::answer<exa::codeium_common_pb::CascadeModelConfigData> client::models() {
  return call(&stub::PrepareAsyncGetCascadeModelConfigData, ls::GetCascadeModelConfigDataRequest(), options_.account);
}

client::answer<ls::GetUserStatusResponse> client::user_status() {
  ls::GetUserStatusRequest request;
  *request.mutable_metadata() = options_.identity;
  return call(&stub::PrepareAsyncGetUserStatus, std::move(request), options_.account);
}

client::answer<ls::HeartbeatResponse> client::heartbeat() {
  ls::HeartbeatRequest request;
  *request.mutable_metadata() = options_.identity;
  return call(&stub::PrepareAsyncHeartbeat, std::move(request), options_.heartbeat);
}

client::reactive_stream client::reactive_updates(const std::string& cascade_id) {
  exa::reactive_component_pb::StreamReactiveUpdatesRequest request;
  request.set_protocol_version(1);
  request.set_id(cascade_id);
  request.set_subscriber_id(fresh_subscriber_id());
  return subscribe(&stub::PrepareAsyncStreamCascadeReactiveUpdates, request);
}

client::agent_state_stream client::agent_state_updates(const std::string& cascade_id) {
  exa::jetski_cortex_pb::StreamAgentStateUpdatesRequest request;
  request.set_conversation_id(cascade_id);
  request.set_subscriber_id(fresh_subscriber_id());
  return subscribe(&stub::PrepareAsyncStreamAgentStateUpdates, request);
}

}  // namespace cascade
