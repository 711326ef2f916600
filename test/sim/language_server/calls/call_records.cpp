#include "test/sim/language_server/calls/call_records.hpp"

#include "test/sim/language_server/unique_id.hpp"

namespace sim::ls {
namespace {

namespace common = exa::codeium_common_pb;

google::protobuf::Duration duration(std::chrono::nanoseconds time) {
  google::protobuf::Duration out;
  out.set_seconds(time.count() / 1'000'000'000);
  out.set_nanos(static_cast<std::int32_t>(time.count() % 1'000'000'000));
  return out;
}

void add_retries(exa::cortex_pb::ChatModelMetadata& chat, const call_report& report) {
  chat.set_retries(static_cast<std::uint32_t>(report.failed_attempts.size()));
  for (const auto& failed : report.failed_attempts) {
    auto& told = *chat.add_retry_infos();
    told.set_trace_id(failed.trace_id);
    told.set_retry_reason(exa::cortex_pb::RETRY_REASON_API_RETRYABLE);
  }
}

}  // namespace

common::ModelUsageStats usage_stats(const model& asked, const call_report& report) {
  const auto counted = report.answer.usage.value_or(provider_usage{});
  common::ModelUsageStats stats;
  stats.set_model(static_cast<common::Model>(asked.number));
  stats.set_api_provider(static_cast<common::APIProvider>(asked.api_provider));
  stats.set_input_tokens(counted.prompt + counted.tool_use_prompt - counted.cached);
  stats.set_cache_read_tokens(counted.cached);
  stats.set_output_tokens(counted.thoughts + counted.candidates);
  stats.set_thinking_output_tokens(counted.thoughts);
  stats.set_response_output_tokens(counted.candidates);
  stats.set_response_id(report.answer.response_id);
  (*stats.mutable_response_header())["X-Cloudaicompanion-Trace-Id"] = report.trace_id;
  return stats;
}

exa::cortex_pb::CortexStepGeneratorMetadata generator_record(const model& asked, const call_report& report) {
  exa::cortex_pb::CortexStepGeneratorMetadata record;
  auto& chat = *record.mutable_chat_model();
  chat.set_model(static_cast<common::Model>(asked.number));
  *chat.mutable_usage() = usage_stats(asked, report);
  chat.set_response_model(report.answer.served_model);
  *chat.mutable_time_to_first_token() = duration(report.to_first_event);
  *chat.mutable_streaming_duration() = duration(report.streaming);
  add_retries(chat, report);
  return record;
}

exa::cortex_pb::CortexErrorDetails error_details(const model_failure& failure) {
  exa::cortex_pb::CortexErrorDetails details;
  details.set_user_error_message("The model could not answer. You can ask it to go on.");
  details.set_short_error(failure.short_error);
  details.set_full_error(failure.full_error);
  details.set_error_id(unique_id());
  details.set_error_code(failure.code);
  details.set_model_error_message(failure.short_error);
  return details;
}

}  // namespace sim::ls
