#include "cascade/core/error_details.hpp"

#include <gtest/gtest.h>

namespace cascade {
namespace {

using exa::cortex_pb::CortexErrorDetails;

constexpr const char* full_error =
    "HTTP 503 Service Unavailable\nSherlog: \nTraceID: 0x737b1db2\nHeaders: {\"Server\":[\"ESF\"]}\n\n"
    "{\"error\":{\"code\":503,\"message\":\"\\nTraceID: 0xffff\"}}";

TEST(error_details, the_trace_id_is_read_from_the_head_without_its_prefix) {
  EXPECT_EQ(trace_id_of(full_error), "737b1db2");
  EXPECT_EQ(trace_id_of("TraceID: abc\nmore"), "abc");
}

TEST(error_details, a_trace_id_in_the_body_is_not_taken_for_the_servers) {
  EXPECT_EQ(trace_id_of("HTTP 500\n\nTraceID: 0x12"), "");
  EXPECT_EQ(trace_id_of("what is a\nTraceID: "), "");
  EXPECT_EQ(trace_id_of(""), "");
}

TEST(error_details, the_code_is_the_servers_else_the_short_errors_else_the_status_lines) {
  CortexErrorDetails error;
  EXPECT_EQ(code_of(error), 0u);
  error.set_full_error(full_error);
  EXPECT_EQ(code_of(error), 503u);
  error.set_short_error("RESOURCE_EXHAUSTED (code 429): You have exhausted your capacity");
  EXPECT_EQ(code_of(error), 429u);
  error.set_error_code(400);
  EXPECT_EQ(code_of(error), 400u);
}

TEST(error_details, an_error_step_tells_its_own_error_and_any_other_step_the_one_it_carries) {
  gemini_coder::Step step;
  EXPECT_EQ(error_of(step), nullptr);
  step.mutable_error()->set_short_error("of the step");
  EXPECT_EQ(error_of(step)->short_error(), "of the step");
  step.mutable_error_message()->mutable_error()->set_short_error("of the message");
  EXPECT_EQ(error_of(step)->short_error(), "of the message");
}

}  // namespace
}  // namespace cascade
