#include "test/sim/language_server/service.hpp"

#include <ctime>

#include "test/sim/language_server/account.hpp"
#include "test/sim/language_server/streams.hpp"
#include "test/sim/language_server/unique_id.hpp"
#include "test/sim/language_server/updates.hpp"

namespace sim::ls {
namespace {

const grpc::Status unauthenticated{grpc::StatusCode::UNAUTHENTICATED, "missing or invalid csrf token"};

// Go turns an error without a code of its own into UNKNOWN.
grpc::Status error(std::string text) {
  return {grpc::StatusCode::UNKNOWN, std::move(text)};
}

std::string text_of(const rpc::SendUserCascadeMessageRequest& request) {
  std::string text;
  for (const auto& item : request.items())
    if (!item.text().empty()) text.append(text.empty() ? "" : "\n").append(item.text());
  return text;
}

/// The number of the model, or of the default one for an alias; 0 if none is named.
int model_number(const cortex::CascadePlannerConfig& config) {
  const auto& requested = config.requested_model();
  if (requested.alias() != 0) return default_model().number;
  return requested.model() != 0 ? requested.model() : config.plan_model();
}

template <class Response>
grpc::ServerWriteReactor<Response>* refuse(const grpc::Status& why) {
  return new refused_stream<Response>(why);
}

std::optional<grpc::Status> reactive_refusal(const switches& asked) {
  if (asked.reactive == "disabled") return error("reactive state is disabled");
  if (asked.reactive == "deprecated") return error("reactive state is deprecated");
  if (asked.reactive == "unimplemented") return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "unimplemented");
  return std::nullopt;
}

std::string subscriber(const std::string& given) {
  return given.empty() ? unique_id() : given;
}

}  // namespace

bool service::may_call(const grpc::CallbackServerContext& call) const {
  const auto [first, last] = call.client_metadata().equal_range("x-codeium-csrf-token");
  return first != last && std::string_view(first->second.data(), first->second.size()) == csrf_token_;
}

template <class Answer>
service::unary* service::answer(context* call, Answer&& make) {
  auto* reactor = call->DefaultReactor();
  reactor->Finish(may_call(*call) ? make() : unauthenticated);
  return reactor;
}

template <class Answer>
service::unary* service::answer_about(context* call, const std::string& cascade_id, Answer&& make) {
  return answer(call, [&]() -> grpc::Status {
    const auto cascade = known_.find(cascade_id);
    return cascade ? make(cascade) : error("trajectory not found: " + cascade_id);
  });
}

service::unary* service::StartCascade(context* call, const rpc::StartCascadeRequest* request,
                                      rpc::StartCascadeResponse* response) {
  return answer(call, [&] {
    response->set_cascade_id(known_.start(request->cascade_id())->talk().now()->cascade_id);
    return grpc::Status::OK;
  });
}

service::unary* service::SendUserCascadeMessage(context* call, const rpc::SendUserCascadeMessageRequest* request,
                                                rpc::SendUserCascadeMessageResponse* response) {
  return answer_about(call, request->cascade_id(), [&](const cascade_ptr& cascade) {
    const int number = model_number(request->cascade_config().planner_config());
    if (number == 0) return error("neither PlanModel nor RequestedModel specified");
    const auto* asked = find_model(number);
    if (!asked) return error("model not found: " + std::to_string(number));
    const auto text = text_of(*request);
    if (const auto asks = read_markers({}, text); !asks.unknown.empty())
      return error("the simulator does not know " + asks.unknown);
    response->set_queued(known_.send(cascade, text, *asked));
    return grpc::Status::OK;
  });
}

grpc::ServerWriteReactor<reactive_response>* service::StreamCascadeReactiveUpdates(context* call,
                                                                                   const reactive_request* request) {
  if (!may_call(*call)) return refuse<reactive_response>(unauthenticated);
  if (const auto refusal = reactive_refusal(known_.asked())) return refuse<reactive_response>(*refusal);
  auto cascade = known_.find(request->id());
  if (!cascade) return refuse<reactive_response>(error("reactive component not found"));
  return reactive_stream(std::move(cascade), subscriber(request->subscriber_id()), known_.asked());
}

grpc::ServerWriteReactor<agent_response>* service::StreamAgentStateUpdates(context* call,
                                                                           const agent_request_message* request) {
  if (!may_call(*call)) return refuse<agent_response>(unauthenticated);
  if (known_.asked().agent == "unimplemented")
    return refuse<agent_response>({grpc::StatusCode::UNIMPLEMENTED, "unimplemented"});
  auto cascade = known_.find(request->conversation_id());
  if (!cascade) return refuse<agent_response>(error("trajectory not found: " + request->conversation_id()));
  return agent_stream(std::move(cascade), subscriber(request->subscriber_id()));
}

service::unary* service::GetCascadeTrajectory(context* call, const rpc::GetCascadeTrajectoryRequest* request,
                                              rpc::GetCascadeTrajectoryResponse* response) {
  return answer_about(call, request->cascade_id(), [&](const cascade_ptr& cascade) {
    const auto now = cascade->talk().now();
    *response->mutable_trajectory() = whole_trajectory(*now);
    response->set_status(now->status);
    response->set_num_total_steps(static_cast<std::uint32_t>(now->steps.size()));
    response->set_num_total_generator_metadata(static_cast<std::uint32_t>(now->generator_metadata.size()));
    return grpc::Status::OK;
  });
}

service::unary* service::GetCascadeTrajectorySteps(context* call, const rpc::GetCascadeTrajectoryStepsRequest* request,
                                                   rpc::GetCascadeTrajectoryStepsResponse* response) {
  return answer_about(call, request->cascade_id(), [&](const cascade_ptr& cascade) {
    const auto now = cascade->talk().now();
    for (std::size_t i = request->step_offset(); i < now->steps.size(); ++i) *response->add_steps() = *now->steps[i];
    return grpc::Status::OK;
  });
}

service::unary* service::GetCascadeTrajectoryGeneratorMetadata(
    context* call, const rpc::GetCascadeTrajectoryGeneratorMetadataRequest* request,
    rpc::GetCascadeTrajectoryGeneratorMetadataResponse* response) {
  return answer_about(call, request->cascade_id(), [&](const cascade_ptr& cascade) {
    const auto now = cascade->talk().now();
    for (std::size_t i = request->generator_metadata_offset(); i < now->generator_metadata.size(); ++i)
      *response->add_generator_metadata() = *now->generator_metadata[i];
    return grpc::Status::OK;
  });
}

service::unary* service::GetAllCascadeTrajectories(context* call, const rpc::GetAllCascadeTrajectoriesRequest*,
                                                   rpc::GetAllCascadeTrajectoriesResponse* response) {
  return answer(call, [&] {
    for (const auto& cascade : known_.all()) {
      const auto now = cascade->talk().now();
      (*response->mutable_trajectory_summaries())[now->cascade_id] = summary_of(*now);
    }
    return grpc::Status::OK;
  });
}

service::unary* service::CancelCascadeInvocation(context* call, const rpc::CancelCascadeInvocationRequest* request,
                                                 rpc::CancelCascadeInvocationResponse*) {
  return answer_about(call, request->cascade_id(), [](const cascade_ptr& cascade) {
    live_cascade::cancel(cascade);
    return grpc::Status::OK;
  });
}

service::unary* service::HandleCascadeUserInteraction(context* call,
                                                      const rpc::HandleCascadeUserInteractionRequest* request,
                                                      rpc::HandleCascadeUserInteractionResponse*) {
  return answer_about(call, request->cascade_id(), [&](const cascade_ptr& cascade) {
    if (live_cascade::answer(cascade, request->interaction())) return grpc::Status::OK;
    return error("input not registered for step " + std::to_string(request->interaction().step_index()));
  });
}

service::unary* service::DeleteCascadeTrajectory(context* call, const rpc::DeleteCascadeTrajectoryRequest* request,
                                                 rpc::DeleteCascadeTrajectoryResponse*) {
  return answer(call, [&] {
    if (known_.erase(request->cascade_id())) return grpc::Status::OK;
    return error("trajectory not found: " + request->cascade_id());
  });
}

service::unary* service::GetUserStatus(context* call, const rpc::GetUserStatusRequest*,
                                       rpc::GetUserStatusResponse* response) {
  return answer(call, [&] {
    *response->mutable_user_status() = user_status();
    *response->mutable_plan_info() = response->user_status().plan_info();
    return grpc::Status::OK;
  });
}

service::unary* service::GetCascadeModelConfigData(context* call, const rpc::GetCascadeModelConfigDataRequest*,
                                                   exa::codeium_common_pb::CascadeModelConfigData* response) {
  return answer(call, [&] {
    *response = model_config_data();
    return grpc::Status::OK;
  });
}

service::unary* service::Heartbeat(context* call, const rpc::HeartbeatRequest*, rpc::HeartbeatResponse* response) {
  return answer(call, [&] {
    response->mutable_last_extension_heartbeat()->set_seconds(std::time(nullptr));
    return grpc::Status::OK;
  });
}

}  // namespace sim::ls
