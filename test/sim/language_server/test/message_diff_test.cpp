#include "test/sim/language_server/message_diff.hpp"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "proto/cortex.pb.h"
#include "proto/gemini_coder.pb.h"

namespace sim::ls {
namespace {

template <class Message>
Message parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <class Message>
void expect_diff(const std::string& from, const std::string& to, const std::string& wanted) {
  const auto got = diff_messages(parse<Message>(from), parse<Message>(to));
  EXPECT_EQ(got.DebugString(), parse<exa::reactive_component_pb::MessageDiff>(wanted).DebugString());
}

using exa::codeium_common_pb::ModelUsageStats;
using exa::cortex_pb::CortexErrorDetails;
using gemini_coder::Step;

TEST(message_diff, equal_messages_have_none) {
  expect_diff<Step>("planner_response { response: 'a' }", "planner_response { response: 'a' }", "");
}

TEST(message_diff, a_string_is_told_whole_inside_the_messages_that_hold_it) {
  expect_diff<Step>("planner_response { response: 'a' thinking: 't' }",
                    "planner_response { response: 'ab' thinking: 't' }",
                    R"(field_diffs { field_number: 20 update_singular { message_value {
                         field_diffs { field_number: 1 update_singular { string_value: 'ab' } } } } })");
}

TEST(message_diff, a_field_that_is_gone_is_cleared) {
  expect_diff<Step>("status: CORTEX_STEP_STATUS_DONE requested_interaction {}", "status: CORTEX_STEP_STATUS_DONE",
                    "field_diffs { field_number: 56 clear: true }");
}

TEST(message_diff, another_member_of_a_oneof_is_set_without_clearing_the_first) {
  expect_diff<Step>("run_command {}", "view_file {}",
                    "field_diffs { field_number: 14 update_singular { message_value {} } }");
}

TEST(message_diff, a_list_is_told_by_its_length_and_its_changed_elements) {
  expect_diff<CortexErrorDetails>("rpc_error_details: ['a', 'b', 'c']", "rpc_error_details: ['a', 'x']",
                                  R"(field_diffs { field_number: 10 update_repeated { new_length: 2
                                       update_values { string_value: 'x' } update_indices: 1 } })");
}

TEST(message_diff, a_list_that_only_shrinks_tells_its_length) {
  expect_diff<CortexErrorDetails>("rpc_error_details: ['a', 'b']", "rpc_error_details: 'a'",
                                  "field_diffs { field_number: 10 update_repeated { new_length: 1 } }");
}

TEST(message_diff, a_map_is_told_by_key) {
  expect_diff<ModelUsageStats>("response_header { key: 'a' value: '1' } response_header { key: 'b' value: '2' }",
                               "response_header { key: 'b' value: '3' }",
                               R"(field_diffs { field_number: 8 update_map {
           map_key_diffs { map_key { string_value: 'a' } clear: true }
           map_key_diffs { map_key { string_value: 'b' } update_singular { string_value: '3' } } } })");
}

TEST(message_diff, numbers_enums_and_bools_keep_their_kind) {
  expect_diff<ModelUsageStats>("", "input_tokens: 7 api_provider: API_PROVIDER_GOOGLE_GEMINI",
                               R"(field_diffs { field_number: 2 update_singular { uint64_value: 7 } }
                                  field_diffs { field_number: 6 update_singular { enum_value: 24 } })");
  expect_diff<CortexErrorDetails>("", "is_benign: true error_code: 503",
                                  R"(field_diffs { field_number: 4 update_singular { bool_value: true } }
                                     field_diffs { field_number: 7 update_singular { uint32_value: 503 } })");
}

}  // namespace
}  // namespace sim::ls
