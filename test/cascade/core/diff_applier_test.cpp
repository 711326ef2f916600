#include "cascade/core/diff_applier.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include "proto/jetski_cortex.pb.h"
#include "test/cascade/core/every_kind.hpp"
#include "test/support/message_differ.hpp"

namespace cascade {
namespace {

using exa::reactive_component_pb::FieldDiff;
using exa::reactive_component_pb::MessageDiff;
using exa::reactive_component_pb::SingularValue;
using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;
using support::every_kind;

FieldDiff& field(MessageDiff& diff, int number) {
  auto& added = *diff.add_field_diffs();
  added.set_field_number(static_cast<std::uint32_t>(number));
  return added;
}

MessageDiff text_diff(int number, std::string text) {
  MessageDiff diff;
  field(diff, number).mutable_update_singular()->set_string_value(std::move(text));
  return diff;
}

struct diff_applier_test : testing::Test {
  void apply(MessageDiff diff) { applier.apply(*target, std::move(diff)); }
  std::string text_at(int number) { return target->GetReflection()->GetString(*target, &kinds.at(number)); }
  int size_at(int number) { return target->GetReflection()->FieldSize(*target, &kinds.at(number)); }

  every_kind kinds;
  std::unique_ptr<google::protobuf::Message> target = kinds.make();
  diff_applier applier;
};

TEST(diff_applier, any_sequence_of_diffs_that_leads_from_a_to_b_yields_b) {
  every_kind kinds;
  for (unsigned seed = 0; seed < 300; ++seed) {
    support::message_mutator mutator(seed);
    support::message_differ differ(seed);
    diff_applier applier;
    const auto followed = kinds.make();
    const auto server = kinds.make();
    for (int turn = 0; turn < 12; ++turn) {
      const std::unique_ptr<google::protobuf::Message> before(server->New());
      before->CopyFrom(*server);
      mutator.mutate(*server);
      applier.apply(*followed, differ.diff(*before, *server));
      ASSERT_TRUE(MessageDifferencer::Equals(*followed, *server)) << "seed " << seed << " turn " << turn;
    }
    EXPECT_EQ(applier.counts().mismatches + applier.counts().unknown_fields + applier.counts().out_of_range, 0u);
  }
}

TEST(diff_applier, a_cascade_state_follows_the_server_through_random_changes) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    support::message_mutator mutator(seed);
    support::message_differ differ(seed);
    diff_applier applier;
    exa::jetski_cortex_pb::CascadeState followed, server;
    for (int turn = 0; turn < 12; ++turn) {
      const auto before = server;
      mutator.mutate(server);
      applier.apply(followed, differ.diff(before, server));
      ASSERT_TRUE(MessageDifferencer::Equals(followed, server)) << "seed " << seed << " turn " << turn;
    }
  }
}

TEST_F(diff_applier_test, a_message_value_merges_and_creates_what_is_absent) {
  const int self = FieldDescriptor::TYPE_MESSAGE;
  MessageDiff first, second;
  *field(first, self).mutable_update_singular()->mutable_message_value() = text_diff(FieldDescriptor::TYPE_STRING, "a");
  auto& inner = *field(second, self).mutable_update_singular()->mutable_message_value();
  field(inner, FieldDescriptor::TYPE_INT32).mutable_update_singular()->set_int32_value(7);
  apply(first);
  apply(second);
  const auto& merged = target->GetReflection()->GetMessage(*target, &kinds.at(self));
  EXPECT_EQ(merged.GetReflection()->GetString(merged, &kinds.at(FieldDescriptor::TYPE_STRING)), "a");
  EXPECT_EQ(merged.GetReflection()->GetInt32(merged, &kinds.at(FieldDescriptor::TYPE_INT32)), 7);
}

TEST_F(diff_applier_test, setting_a_member_of_a_oneof_drops_the_other) {
  MessageDiff number;
  field(number, every_kind::oneof_number).mutable_update_singular()->set_int32_value(1);
  apply(number);
  apply(text_diff(every_kind::oneof_text, "now"));
  EXPECT_FALSE(target->GetReflection()->HasField(*target, &kinds.at(every_kind::oneof_number)));
  EXPECT_EQ(text_at(every_kind::oneof_text), "now");
}

TEST_F(diff_applier_test, clearing_a_member_that_is_not_set_leaves_the_one_that_is) {
  apply(text_diff(every_kind::oneof_text, "stays"));
  MessageDiff clear;
  field(clear, every_kind::oneof_number).set_clear(true);
  apply(clear);
  EXPECT_EQ(text_at(every_kind::oneof_text), "stays");
}

TEST_F(diff_applier_test, a_clear_of_false_clears_nothing) {
  apply(text_diff(FieldDescriptor::TYPE_STRING, "stays"));
  MessageDiff clear;
  field(clear, FieldDescriptor::TYPE_STRING).set_clear(false);
  apply(clear);
  EXPECT_EQ(text_at(FieldDescriptor::TYPE_STRING), "stays");
}

TEST_F(diff_applier_test, a_list_is_cut_before_its_elements_are_set) {
  const int list = every_kind::repeated + FieldDescriptor::TYPE_STRING;
  MessageDiff three, two;
  auto& long_list = *field(three, list).mutable_update_repeated();
  long_list.set_new_length(3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    long_list.add_update_indices(i);
    long_list.add_update_values()->set_string_value("old");
  }
  auto& short_list = *field(two, list).mutable_update_repeated();
  short_list.set_new_length(2);
  short_list.add_update_indices(1);
  short_list.add_update_values()->set_string_value("new");
  apply(three);
  apply(two);
  ASSERT_EQ(size_at(list), 2);
  EXPECT_EQ(target->GetReflection()->GetRepeatedString(*target, &kinds.at(list), 0), "old");
  EXPECT_EQ(target->GetReflection()->GetRepeatedString(*target, &kinds.at(list), 1), "new");
}

TEST_F(diff_applier_test, what_our_messages_lack_is_skipped_and_counted) {
  MessageDiff diff;
  field(diff, 77'777).mutable_update_singular()->set_bool_value(true);
  field(diff, 0).set_clear(true);
  diff.add_field_diffs()->set_field_number(UINT32_MAX);
  *diff.add_field_diffs() = text_diff(FieldDescriptor::TYPE_STRING, "kept").field_diffs(0);
  apply(diff);
  EXPECT_EQ(applier.counts().unknown_fields, 3u);
  EXPECT_EQ(text_at(FieldDescriptor::TYPE_STRING), "kept");
}

TEST_F(diff_applier_test, an_index_beyond_the_new_length_is_skipped_and_counted) {
  const int list = every_kind::repeated + FieldDescriptor::TYPE_INT32;
  MessageDiff diff;
  auto& change = *field(diff, list).mutable_update_repeated();
  change.set_new_length(1);
  for (const std::uint32_t index : {1u, UINT32_MAX, 0u}) {
    change.add_update_indices(index);
    change.add_update_values()->set_int32_value(5);
  }
  change.add_update_values()->set_int32_value(6);
  apply(diff);
  EXPECT_EQ(applier.counts().out_of_range, 3u);
  ASSERT_EQ(size_at(list), 1);
  EXPECT_EQ(target->GetReflection()->GetRepeatedInt32(*target, &kinds.at(list), 0), 5);
}

TEST_F(diff_applier_test, a_list_longer_than_the_limit_is_refused_and_left_as_it_was) {
  const int list = every_kind::repeated + FieldDescriptor::TYPE_MESSAGE;
  MessageDiff diff;
  field(diff, list).mutable_update_repeated()->set_new_length(UINT32_MAX);
  apply(diff);
  EXPECT_EQ(size_at(list), 0);
  EXPECT_EQ(applier.counts().refused, 1u);
}

TEST_F(diff_applier_test, one_diff_adds_no_more_elements_than_the_limit_over_all_its_lists) {
  applier = diff_applier({.max_depth = 8, .max_length = 10, .max_new_elements = 12});
  MessageDiff diff;
  for (const int kind : {FieldDescriptor::TYPE_INT32, FieldDescriptor::TYPE_BOOL}) {
    field(diff, every_kind::repeated + kind).mutable_update_repeated()->set_new_length(7);
  }
  apply(diff);
  EXPECT_EQ(size_at(every_kind::repeated + FieldDescriptor::TYPE_INT32), 7);
  EXPECT_EQ(size_at(every_kind::repeated + FieldDescriptor::TYPE_BOOL), 0);
  EXPECT_EQ(applier.counts().refused, 1u);
}

TEST_F(diff_applier_test, nesting_beyond_the_limit_is_refused) {
  MessageDiff diff = text_diff(FieldDescriptor::TYPE_STRING, "deep");
  for (int depth = 0; depth < 1000; ++depth) {
    MessageDiff outer;
    field(outer, FieldDescriptor::TYPE_MESSAGE).mutable_update_singular()->mutable_message_value()->Swap(&diff);
    diff.Swap(&outer);
  }
  apply(diff);
  EXPECT_EQ(applier.counts().refused, 1u);
}

TEST_F(diff_applier_test, a_value_of_the_wrong_shape_is_skipped_and_counted) {
  MessageDiff diff;
  field(diff, FieldDescriptor::TYPE_STRING).mutable_update_singular()->mutable_message_value();
  field(diff, FieldDescriptor::TYPE_MESSAGE).mutable_update_singular()->set_int32_value(1);
  field(diff, FieldDescriptor::TYPE_INT32).mutable_update_repeated()->set_new_length(1);
  field(diff, FieldDescriptor::TYPE_INT32).mutable_update_map();
  field(diff, every_kind::repeated + FieldDescriptor::TYPE_INT32).mutable_update_singular()->set_int32_value(1);
  field(diff, every_kind::map + FieldDescriptor::TYPE_INT32).mutable_update_repeated()->set_new_length(1);
  field(diff, FieldDescriptor::TYPE_INT32);
  apply(diff);
  EXPECT_EQ(applier.counts().mismatches, 7u);
  EXPECT_EQ(target->ByteSizeLong(), 0u);
}

TEST_F(diff_applier_test, many_keys_of_a_map_are_set_and_cleared_in_one_diff) {
  const int map = every_kind::map + FieldDescriptor::TYPE_UINT32;
  MessageDiff fill, thin;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    auto& set = *field(fill, map).mutable_update_map()->add_map_key_diffs();
    set.mutable_map_key()->set_string_value(std::to_string(i));
    set.mutable_update_singular()->set_uint32_value(i);
    if (i == 0) continue;
    fill.mutable_field_diffs(0)->mutable_update_map()->add_map_key_diffs()->Swap(&set);
    fill.mutable_field_diffs()->RemoveLast();
    auto& gone = *(thin.field_diffs().empty() ? field(thin, map) : *thin.mutable_field_diffs(0))
                      .mutable_update_map()
                      ->add_map_key_diffs();
    gone.mutable_map_key()->set_string_value(std::to_string(i));
    gone.set_clear(true);
  }
  apply(fill);
  EXPECT_EQ(size_at(map), 20'000);
  apply(thin);
  EXPECT_EQ(size_at(map), 1);
}

}  // namespace
}  // namespace cascade
