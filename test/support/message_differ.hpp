#pragma once

// Writes the reactive diff that leads from one message to another, field by field: the server's half of the protocol,
// as the tests play it. Where the protocol leaves a choice (a default value or clear, all of a list or its changes),
// chance decides. It shares no code with the applier.

#include <google/protobuf/message.h>

#include <memory>
#include <random>
#include <string>

#include "proto/reactive_component.pb.h"

namespace support {

class message_differ {
 public:
  /// Without `rewrites`, lists change only where they differ.
  explicit message_differ(unsigned seed, bool rewrites = true) : random_(seed), rewrites_(rewrites) {}

  exa::reactive_component_pb::MessageDiff diff(const google::protobuf::Message& from,
                                               const google::protobuf::Message& to) {
    exa::reactive_component_pb::MessageDiff out;
    for (int i = 0; i < to.GetDescriptor()->field_count(); ++i) {
      const field& at = *to.GetDescriptor()->field(i);
      if (at.is_map()) {
        diff_map(from, to, at, out);
      } else if (at.is_repeated()) {
        diff_repeated(from, to, at, out);
      } else {
        diff_singular(from, to, at, out);
      }
    }
    return out;
  }

 private:
  using message = google::protobuf::Message;
  using field = google::protobuf::FieldDescriptor;
  using message_diff = exa::reactive_component_pb::MessageDiff;
  using singular_value = exa::reactive_component_pb::SingularValue;

  bool chance() { return random_() % 2 == 0; }

  static exa::reactive_component_pb::FieldDiff& add(message_diff& out, const field& at) {
    auto& change = *out.add_field_diffs();
    change.set_field_number(static_cast<std::uint32_t>(at.number()));
    return change;
  }

  static std::unique_ptr<message> nothing(const message& like) { return std::unique_ptr<message>(like.New()); }

  void diff_singular(const message& from, const message& to, const field& at, message_diff& out) {
    const auto& had = *from.GetReflection();
    const auto& has = *to.GetReflection();
    if (!has.HasField(to, &at)) {
      // A member of a oneof that another member replaces goes by itself.
      const auto* group = at.real_containing_oneof();
      if (!had.HasField(from, &at) || (group && has.HasOneof(to, group))) return;
      if (at.has_presence() || chance()) return add(out, at).set_clear(true);
    }
    if (at.cpp_type() == field::CPPTYPE_MESSAGE) {
      const message& now = has.GetMessage(to, &at);
      const bool before = had.HasField(from, &at);
      message_diff inner = before ? diff(had.GetMessage(from, &at), now) : diff(*nothing(now), now);
      if (before && inner.field_diffs().empty()) return;
      *add(out, at).mutable_update_singular()->mutable_message_value() = std::move(inner);
      return;
    }
    const singular_value now = value_of(to, at, -1);
    const bool same_presence = had.HasField(from, &at) == has.HasField(to, &at);
    if (same_presence && now.SerializeAsString() == value_of(from, at, -1).SerializeAsString()) return;
    *add(out, at).mutable_update_singular() = now;
  }

  void diff_repeated(const message& from, const message& to, const field& at, message_diff& out) {
    const int old_size = from.GetReflection()->FieldSize(from, &at);
    const int new_size = to.GetReflection()->FieldSize(to, &at);
    const bool anew = rewrites_ && old_size > 0 && random_() % 8 == 0;
    if (anew) add(out, at).mutable_update_repeated()->set_new_length(0);
    exa::reactive_component_pb::RepeatedDiff list;
    list.set_new_length(static_cast<std::uint32_t>(new_size));
    for (int i = 0; i < new_size; ++i) diff_element(from, to, {at, i, !anew && i < old_size}, list);
    if (!anew && old_size == new_size && list.update_values().empty()) return;
    *add(out, at).mutable_update_repeated() = std::move(list);
  }

  struct element {
    const field& at;
    int index;
    bool existed;
  };

  void diff_element(const message& from, const message& to, const element& e,
                    exa::reactive_component_pb::RepeatedDiff& list) {
    singular_value value;
    if (e.at.cpp_type() == field::CPPTYPE_MESSAGE) {
      const message& now = to.GetReflection()->GetRepeatedMessage(to, &e.at, e.index);
      message_diff inner = e.existed ? diff(from.GetReflection()->GetRepeatedMessage(from, &e.at, e.index), now)
                                     : diff(*nothing(now), now);
      if (inner.field_diffs().empty()) return;
      *value.mutable_message_value() = std::move(inner);
    } else {
      value = value_of(to, e.at, e.index);
      if (e.existed && value.SerializeAsString() == value_of(from, e.at, e.index).SerializeAsString()) return;
    }
    list.add_update_indices(static_cast<std::uint32_t>(e.index));
    *list.add_update_values() = std::move(value);
  }

  static const message* find(const message& in, const field& at, const std::string& key) {
    const auto& reflection = *in.GetReflection();
    for (int i = 0; i < reflection.FieldSize(in, &at); ++i) {
      const message& entry = reflection.GetRepeatedMessage(in, &at, i);
      if (value_of(entry, *at.message_type()->map_key(), -1).SerializeAsString() == key) return &entry;
    }
    return nullptr;
  }

  void diff_map(const message& from, const message& to, const field& at, message_diff& out) {
    exa::reactive_component_pb::MapDiff map;
    const field& key = *at.message_type()->map_key();
    const auto visit = [&](const message& in, auto then) {
      for (int i = 0; i < in.GetReflection()->FieldSize(in, &at); ++i) {
        then(in.GetReflection()->GetRepeatedMessage(in, &at, i));
      }
    };
    visit(from, [&](const message& entry) {
      const singular_value name = value_of(entry, key, -1);
      if (find(to, at, name.SerializeAsString())) return;
      auto& gone = *map.add_map_key_diffs();
      *gone.mutable_map_key() = name;
      gone.set_clear(true);
    });
    visit(to, [&](const message& entry) {
      const singular_value name = value_of(entry, key, -1);
      diff_entry(find(from, at, name.SerializeAsString()), entry, at, map);
    });
    if (!map.map_key_diffs().empty()) *add(out, at).mutable_update_map() = std::move(map);
  }

  void diff_entry(const message* before, const message& now, const field& at,
                  exa::reactive_component_pb::MapDiff& map) {
    const field& value = *at.message_type()->map_value();
    singular_value change;
    if (value.cpp_type() == field::CPPTYPE_MESSAGE) {
      const message& inner = now.GetReflection()->GetMessage(now, &value);
      *change.mutable_message_value() =
          before ? diff(before->GetReflection()->GetMessage(*before, &value), inner) : diff(*nothing(inner), inner);
      if (before && change.message_value().field_diffs().empty()) return;
    } else {
      change = value_of(now, value, -1);
      if (before && change.SerializeAsString() == value_of(*before, value, -1).SerializeAsString()) return;
    }
    auto& entry = *map.add_map_key_diffs();
    *entry.mutable_map_key() = value_of(now, *at.message_type()->map_key(), -1);
    *entry.mutable_update_singular() = std::move(change);
  }

  static singular_value value_of(const message& in, const field& at, int i) {
    const auto& r = *in.GetReflection();
    const bool one = i < 0;
    singular_value v;
    switch (at.type()) {
      case field::TYPE_DOUBLE:
        v.set_double_value(one ? r.GetDouble(in, &at) : r.GetRepeatedDouble(in, &at, i));
        break;
      case field::TYPE_FLOAT:
        v.set_float_value(one ? r.GetFloat(in, &at) : r.GetRepeatedFloat(in, &at, i));
        break;
      case field::TYPE_INT32:
        v.set_int32_value(one ? r.GetInt32(in, &at) : r.GetRepeatedInt32(in, &at, i));
        break;
      case field::TYPE_INT64:
        v.set_int64_value(one ? r.GetInt64(in, &at) : r.GetRepeatedInt64(in, &at, i));
        break;
      case field::TYPE_UINT32:
        v.set_uint32_value(one ? r.GetUInt32(in, &at) : r.GetRepeatedUInt32(in, &at, i));
        break;
      case field::TYPE_UINT64:
        v.set_uint64_value(one ? r.GetUInt64(in, &at) : r.GetRepeatedUInt64(in, &at, i));
        break;
      case field::TYPE_SINT32:
        v.set_sint32_value(one ? r.GetInt32(in, &at) : r.GetRepeatedInt32(in, &at, i));
        break;
      case field::TYPE_SINT64:
        v.set_sint64_value(one ? r.GetInt64(in, &at) : r.GetRepeatedInt64(in, &at, i));
        break;
      case field::TYPE_FIXED32:
        v.set_fixed32_value(one ? r.GetUInt32(in, &at) : r.GetRepeatedUInt32(in, &at, i));
        break;
      case field::TYPE_FIXED64:
        v.set_fixed64_value(one ? r.GetUInt64(in, &at) : r.GetRepeatedUInt64(in, &at, i));
        break;
      case field::TYPE_SFIXED32:
        v.set_sfixed32_value(one ? r.GetInt32(in, &at) : r.GetRepeatedInt32(in, &at, i));
        break;
      case field::TYPE_SFIXED64:
        v.set_sfixed64_value(one ? r.GetInt64(in, &at) : r.GetRepeatedInt64(in, &at, i));
        break;
      case field::TYPE_BOOL:
        v.set_bool_value(one ? r.GetBool(in, &at) : r.GetRepeatedBool(in, &at, i));
        break;
      case field::TYPE_ENUM:
        v.set_enum_value(
            static_cast<std::uint32_t>(one ? r.GetEnumValue(in, &at) : r.GetRepeatedEnumValue(in, &at, i)));
        break;
      case field::TYPE_STRING:
        v.set_string_value(one ? r.GetString(in, &at) : r.GetRepeatedString(in, &at, i));
        break;
      case field::TYPE_BYTES:
        v.set_bytes_value(one ? r.GetString(in, &at) : r.GetRepeatedString(in, &at, i));
        break;
      default:
        break;
    }
    return v;
  }

  std::mt19937 random_;
  bool rewrites_;
};

}  // namespace support
