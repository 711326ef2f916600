#include "test/sim/language_server/message_diff.hpp"

#include <optional>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>

namespace sim::ls {
namespace {

namespace pb = google::protobuf;
namespace reactive = exa::reactive_component_pb;
using field = pb::FieldDescriptor;

/// One place in a message: a singular field, or an element of a repeated one.
struct place {
  const pb::Message& holder;
  const field& of;
  std::optional<int> index = {};

  const pb::Reflection& reflection() const { return *holder.GetReflection(); }
};

template <class Singular, class Element>
auto get(const place& at, Singular singular, Element element) {
  const auto& reflection = at.reflection();
  return at.index ? (reflection.*element)(at.holder, &at.of, *at.index) : (reflection.*singular)(at.holder, &at.of);
}

std::int32_t get_int32(const place& at) {
  return get(at, &pb::Reflection::GetInt32, &pb::Reflection::GetRepeatedInt32);
}
std::int64_t get_int64(const place& at) {
  return get(at, &pb::Reflection::GetInt64, &pb::Reflection::GetRepeatedInt64);
}
std::uint32_t get_uint32(const place& at) {
  return get(at, &pb::Reflection::GetUInt32, &pb::Reflection::GetRepeatedUInt32);
}
std::uint64_t get_uint64(const place& at) {
  return get(at, &pb::Reflection::GetUInt64, &pb::Reflection::GetRepeatedUInt64);
}
std::string get_string(const place& at) {
  return get(at, &pb::Reflection::GetString, &pb::Reflection::GetRepeatedString);
}
const pb::Message& get_message(const place& at) {
  const auto& reflection = at.reflection();
  return at.index ? reflection.GetRepeatedMessage(at.holder, &at.of, *at.index)
                  : reflection.GetMessage(at.holder, &at.of);
}

/// All but messages.
reactive::SingularValue scalar(const place& at) {
  reactive::SingularValue value;
  switch (at.of.type()) {
    case field::TYPE_DOUBLE:
      value.set_double_value(get(at, &pb::Reflection::GetDouble, &pb::Reflection::GetRepeatedDouble));
      break;
    case field::TYPE_FLOAT:
      value.set_float_value(get(at, &pb::Reflection::GetFloat, &pb::Reflection::GetRepeatedFloat));
      break;
    case field::TYPE_INT32:
      value.set_int32_value(get_int32(at));
      break;
    case field::TYPE_INT64:
      value.set_int64_value(get_int64(at));
      break;
    case field::TYPE_UINT32:
      value.set_uint32_value(get_uint32(at));
      break;
    case field::TYPE_UINT64:
      value.set_uint64_value(get_uint64(at));
      break;
    case field::TYPE_SINT32:
      value.set_sint32_value(get_int32(at));
      break;
    case field::TYPE_SINT64:
      value.set_sint64_value(get_int64(at));
      break;
    case field::TYPE_FIXED32:
      value.set_fixed32_value(get_uint32(at));
      break;
    case field::TYPE_FIXED64:
      value.set_fixed64_value(get_uint64(at));
      break;
    case field::TYPE_SFIXED32:
      value.set_sfixed32_value(get_int32(at));
      break;
    case field::TYPE_SFIXED64:
      value.set_sfixed64_value(get_int64(at));
      break;
    case field::TYPE_BOOL:
      value.set_bool_value(get(at, &pb::Reflection::GetBool, &pb::Reflection::GetRepeatedBool));
      break;
    case field::TYPE_ENUM:
      value.set_enum_value(
          static_cast<std::uint32_t>(get(at, &pb::Reflection::GetEnumValue, &pb::Reflection::GetRepeatedEnumValue)));
      break;
    case field::TYPE_STRING:
      value.set_string_value(get_string(at));
      break;
    case field::TYPE_BYTES:
      value.set_bytes_value(get_string(at));
      break;
    case field::TYPE_MESSAGE:
    case field::TYPE_GROUP:
      break;
  }
  return value;
}

/// `before` is the same place earlier, if there was one.
reactive::SingularValue value_at(const place& at, const std::optional<place>& before) {
  if (at.of.cpp_type() != field::CPPTYPE_MESSAGE) return scalar(at);
  const auto& now = get_message(at);
  const auto* empty = pb::MessageFactory::generated_factory()->GetPrototype(now.GetDescriptor());
  reactive::SingularValue value;
  *value.mutable_message_value() = diff_messages(before ? get_message(*before) : *empty, now);
  return value;
}

bool same(const place& left, const place& right) {
  if (left.of.cpp_type() == field::CPPTYPE_MESSAGE)
    return pb::util::MessageDifferencer::Equals(get_message(left), get_message(right));
  return scalar(left).SerializeAsString() == scalar(right).SerializeAsString();
}

const pb::Message* entry_with(const place& list, const std::string& key) {
  const auto& key_field = *list.of.message_type()->map_key();
  for (int i = 0; i < list.reflection().FieldSize(list.holder, &list.of); ++i) {
    const auto& entry = list.reflection().GetRepeatedMessage(list.holder, &list.of, i);
    if (scalar({entry, key_field}).SerializeAsString() == key) return &entry;
  }
  return nullptr;
}

void clear_lost_keys(const place& from, const place& to, reactive::MapDiff& out) {
  const auto& key_field = *from.of.message_type()->map_key();
  for (int i = 0; i < from.reflection().FieldSize(from.holder, &from.of); ++i) {
    const auto key = scalar({get_message({from.holder, from.of, i}), key_field});
    if (entry_with(to, key.SerializeAsString())) continue;
    auto& lost = *out.add_map_key_diffs();
    *lost.mutable_map_key() = key;
    lost.set_clear(true);
  }
}

void diff_map(const place& from, const place& to, reactive::MapDiff& out) {
  const auto& key_field = *to.of.message_type()->map_key();
  const auto& value_field = *to.of.message_type()->map_value();
  clear_lost_keys(from, to, out);
  for (int i = 0; i < to.reflection().FieldSize(to.holder, &to.of); ++i) {
    const auto& entry = get_message({to.holder, to.of, i});
    const auto key = scalar({entry, key_field});
    const auto* old = entry_with(from, key.SerializeAsString());
    const auto before = old ? std::optional<place>({*old, value_field}) : std::nullopt;
    const place now{entry, value_field};
    if (before && same(*before, now)) continue;
    auto& changed = *out.add_map_key_diffs();
    *changed.mutable_map_key() = key;
    *changed.mutable_update_singular() = value_at(now, before);
  }
}

void diff_repeated(const place& from, const place& to, reactive::RepeatedDiff& out) {
  const int old_size = from.reflection().FieldSize(from.holder, &from.of);
  const int size = to.reflection().FieldSize(to.holder, &to.of);
  out.set_new_length(static_cast<std::uint32_t>(size));
  for (int i = 0; i < size; ++i) {
    const auto before = i < old_size ? std::optional<place>({from.holder, from.of, i}) : std::nullopt;
    const place now{to.holder, to.of, i};
    if (before && same(*before, now)) continue;
    out.add_update_indices(static_cast<std::uint32_t>(i));
    *out.add_update_values() = value_at(now, before);
  }
}

void diff_list(const place& from, const place& to, reactive::MessageDiff& out) {
  reactive::FieldDiff change;
  change.set_field_number(static_cast<std::uint32_t>(to.of.number()));
  const bool resized =
      from.reflection().FieldSize(from.holder, &from.of) != to.reflection().FieldSize(to.holder, &to.of);
  if (to.of.is_map()) {
    diff_map(from, to, *change.mutable_update_map());
    if (change.update_map().map_key_diffs().empty()) return;
  } else {
    diff_repeated(from, to, *change.mutable_update_repeated());
    if (!resized && change.update_repeated().update_indices().empty()) return;
  }
  *out.add_field_diffs() = std::move(change);
}

void diff_singular(const place& from, const place& to, reactive::MessageDiff& out) {
  const bool was = from.reflection().HasField(from.holder, &from.of);
  if (!to.reflection().HasField(to.holder, &to.of)) {
    const auto* oneof = to.of.real_containing_oneof();
    // Setting another member of its oneof clears it as well.
    if (!was || (oneof && to.reflection().HasOneof(to.holder, oneof))) return;
    auto& change = *out.add_field_diffs();
    change.set_field_number(static_cast<std::uint32_t>(to.of.number()));
    change.set_clear(true);
    return;
  }
  if (was && same(from, to)) return;
  auto& change = *out.add_field_diffs();
  change.set_field_number(static_cast<std::uint32_t>(to.of.number()));
  *change.mutable_update_singular() = value_at(to, was ? std::optional<place>(from) : std::nullopt);
}

}  // namespace

reactive::MessageDiff diff_messages(const pb::Message& from, const pb::Message& to) {
  reactive::MessageDiff out;
  const auto& type = *to.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& of = *type.field(i);
    (of.is_repeated() ? diff_list : diff_singular)({from, of}, {to, of}, out);
  }
  return out;
}

}  // namespace sim::ls
