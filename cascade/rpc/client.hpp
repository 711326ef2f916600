#pragma once

// The language server's methods as coroutines, over one channel to one server process. Every unary call has a limit;
// its failure is a code and the server's words (rpc_error.hpp). Used from any number of strands at once. The two push
// streams are returned as they are; update_stream.hpp makes the events of a turn of them.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "cascade/rpc/channel.hpp"
#include "cascade/rpc/rpc_stream.hpp"
#include "cascade/rpc/rpc_unary.hpp"
#include "proto/language_server.grpc.pb.h"

namespace cascade {

namespace ls = exa::language_server_pb;

/// The limit of each kind of call, and who we say we are.
struct client_options {
  std::chrono::milliseconds control = std::chrono::seconds(15);  // start, cancel, delete, answer
  std::chrono::milliseconds send = std::chrono::seconds(30);     // returns before the model runs
  std::chrono::milliseconds read = std::chrono::seconds(15);     // steps, trajectory, generator metadata, list
  std::chrono::milliseconds account = std::chrono::seconds(30);  // models, user status: the server asks its provider
  std::chrono::milliseconds heartbeat = std::chrono::seconds(3);
  exa::codeium_common_pb::Metadata identity;  // put into requests that carry metadata and have none
  unsigned threads = 2;                       // that gRPC's connection and the parsing of its messages run on
};

class client {
 public:
  using reactive_stream = read_stream<exa::reactive_component_pb::StreamReactiveUpdatesResponse>;
  using agent_state_stream = read_stream<exa::jetski_cortex_pb::StreamAgentStateUpdatesResponse>;
  template <class T>
  using answer = asio::awaitable<rpc_result<T>>;

  explicit client(channel connection, client_options options = {});
  /// Waits for abandoned calls to end (see rpc.hpp). Leave every stream and every call first.
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  answer<ls::StartCascadeResponse> start_cascade(ls::StartCascadeRequest request);
  answer<ls::SendUserCascadeMessageResponse> send_message(ls::SendUserCascadeMessageRequest request);
  answer<ls::HandleCascadeUserInteractionResponse> answer_interaction(ls::HandleCascadeUserInteractionRequest request);
  answer<ls::CancelCascadeInvocationResponse> cancel(std::string cascade_id);
  answer<ls::DeleteCascadeTrajectoryResponse> delete_cascade(std::string cascade_id);
  answer<ls::LoadTrajectoryResponse> load(std::string cascade_id);

  /// From `offset` on; the server may answer with fewer than there are.
  answer<ls::GetCascadeTrajectoryStepsResponse> steps(std::string cascade_id, std::uint32_t offset);
  answer<ls::GetCascadeTrajectoryResponse> trajectory(std::string cascade_id);
  answer<ls::GetCascadeTrajectoryGeneratorMetadataResponse> generator_metadata(std::string cascade_id,
                                                                               std::uint32_t offset);
  answer<ls::GetAllCascadeTrajectoriesResponse> list();

  answer<exa::codeium_common_pb::CascadeModelConfigData> models();
  answer<ls::GetUserStatusResponse> user_status();
  answer<ls::HeartbeatResponse> heartbeat();

  /// Each is a subscription of its own, with a fresh subscriber id, open until it is left.
  reactive_stream reactive_updates(const std::string& cascade_id);
  agent_state_stream agent_state_updates(const std::string& cascade_id);

  const channel& connection() const noexcept { return channel_; }
  std::size_t calls_in_flight() const { return queue_->calls(); }

 private:
  using stub = ls::LanguageServerService::Stub;
  template <class Request, class Response>
  using method = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (stub::*)(grpc::ClientContext*,
                                                                                      const Request&,
                                                                                      grpc::CompletionQueue*);
  template <class Request, class Message>
  using stream_method = std::unique_ptr<grpc::ClientAsyncReader<Message>> (stub::*)(grpc::ClientContext*,
                                                                                    const Request&,
                                                                                    grpc::CompletionQueue*);

  template <class Request, class Response>
  answer<Response> call(method<Request, Response> which, Request request, std::chrono::milliseconds limit);
  template <class Request, class Message>
  read_stream<Message> subscribe(stream_method<Request, Message> which, const Request& request);

  channel channel_;
  client_options options_;
  std::unique_ptr<stub> stub_;
  std::unique_ptr<rpc_queue> queue_;
};

}  // namespace cascade
