#pragma once

// Writes one scalar of a reactive diff into one field of any message, by reflection; diff_applier drives it. The value
// may be of another kind than the field when the conversion loses nothing: builds differ in such details.

#include "proto/reactive_component.pb.h"

namespace cascade {

/// A singular field, or one element of a repeated one.
struct field_place {
  static constexpr int singular = -1;

  google::protobuf::Message& message;
  const google::protobuf::FieldDescriptor& field;
  int index = singular;
};

/// False if `value` does not fit the field, which then keeps what it had. A string is moved out of `value`.
bool store(const field_place& place, exa::reactive_component_pb::SingularValue& value);

/// Appends a default element to a repeated field of any type.
void append_default(google::protobuf::Message& target, const google::protobuf::FieldDescriptor& field);

/// Frees the last element instead of keeping it for reuse, so that a state that shrank gives its memory back.
void remove_last(google::protobuf::Message& target, const google::protobuf::FieldDescriptor& field);

}  // namespace cascade
