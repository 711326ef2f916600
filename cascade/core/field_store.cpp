#include "cascade/core/field_store.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "net/text/utf8.hpp"

namespace cascade {
namespace {

using exa::reactive_component_pb::SingularValue;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

/// A value of any of the 15 numeric kinds, widened without loss.
using number = std::variant<std::monostate, std::int64_t, std::uint64_t, double>;

number number_of(const SingularValue& value) {
  switch (value.value_case()) {
    case SingularValue::kDoubleValue:
      return value.double_value();
    case SingularValue::kFloatValue:
      return static_cast<double>(value.float_value());
    case SingularValue::kInt32Value:
      return std::int64_t{value.int32_value()};
    case SingularValue::kInt64Value:
      return value.int64_value();
    case SingularValue::kUint32Value:
      return std::uint64_t{value.uint32_value()};
    case SingularValue::kUint64Value:
      return value.uint64_value();
    case SingularValue::kSint32Value:
      return std::int64_t{value.sint32_value()};
    case SingularValue::kSint64Value:
      return value.sint64_value();
    case SingularValue::kFixed32Value:
      return std::uint64_t{value.fixed32_value()};
    case SingularValue::kFixed64Value:
      return value.fixed64_value();
    case SingularValue::kSfixed32Value:
      return std::int64_t{value.sfixed32_value()};
    case SingularValue::kSfixed64Value:
      return value.sfixed64_value();
    case SingularValue::kBoolValue:
      return std::uint64_t{value.bool_value()};
    case SingularValue::kEnumValue:
      return std::uint64_t{value.enum_value()};
    default:
      return {};
  }
}

/// nullopt if T cannot represent the number exactly.
template <class T>
std::optional<T> integer(const SingularValue& value) {
  const number given = number_of(value);
  if (const auto* i = std::get_if<std::int64_t>(&given)) {
    return std::in_range<T>(*i) ? std::optional(static_cast<T>(*i)) : std::nullopt;
  }
  if (const auto* u = std::get_if<std::uint64_t>(&given)) {
    return std::in_range<T>(*u) ? std::optional(static_cast<T>(*u)) : std::nullopt;
  }
  const auto* d = std::get_if<double>(&given);
  if (!d || *d != std::trunc(*d)) return {};
  // A double represents 2^digits exactly, but perhaps not the maximum.
  const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);
  if (*d >= beyond || *d < static_cast<double>(std::numeric_limits<T>::min())) return {};
  return static_cast<T>(*d);
}

template <class T>
std::optional<T> real(const SingularValue& value) {
  const number given = number_of(value);
  if (const auto* i = std::get_if<std::int64_t>(&given)) return static_cast<T>(*i);
  if (const auto* u = std::get_if<std::uint64_t>(&given)) return static_cast<T>(*u);
  if (const auto* d = std::get_if<double>(&given)) {
    const double largest = std::numeric_limits<T>::max();
    return std::isfinite(*d) && std::abs(*d) > largest ? std::nullopt : std::optional(static_cast<T>(*d));
  }
  return {};
}

std::optional<bool> truth(const SingularValue& value) {
  const auto given = integer<std::uint8_t>(value);
  return given && *given <= 1 ? std::optional(*given == 1) : std::nullopt;
}

/// Enums are open: values without a name are kept. Negative values are sent as uint32.
std::optional<int> enumerator(const SingularValue& value) {
  if (value.value_case() == SingularValue::kEnumValue) return static_cast<int>(value.enum_value());
  return integer<int>(value);
}

std::optional<std::string> characters(const FieldDescriptor& field, SingularValue& value) {
  if (value.value_case() == SingularValue::kStringValue) return std::move(*value.mutable_string_value());
  if (value.value_case() != SingularValue::kBytesValue) return {};
  // Parsing has checked strings, but not bytes.
  const bool fits = field.type() == FieldDescriptor::TYPE_BYTES || net::utf8::is_valid(value.bytes_value());
  return fits ? std::optional(std::move(*value.mutable_bytes_value())) : std::nullopt;
}

template <class T>
using set_one = void (Reflection::*)(Message*, const FieldDescriptor*, T) const;
template <class T>
using set_element = void (Reflection::*)(Message*, const FieldDescriptor*, int, T) const;

template <class T>
bool put(const field_place& place, std::optional<T> value, set_one<T> one, set_element<T> element) {
  if (!value) return false;
  const Reflection& reflection = *place.message.GetReflection();
  if (place.index == field_place::singular) {
    (reflection.*one)(&place.message, &place.field, *std::move(value));
  } else {
    (reflection.*element)(&place.message, &place.field, place.index, *std::move(value));
  }
  return true;
}

}  // namespace

bool store(const field_place& place, SingularValue& value) {
  using r = Reflection;
  switch (place.field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put<std::int32_t>(place, integer<std::int32_t>(value), &r::SetInt32, &r::SetRepeatedInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return put<std::int64_t>(place, integer<std::int64_t>(value), &r::SetInt64, &r::SetRepeatedInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return put<std::uint32_t>(place, integer<std::uint32_t>(value), &r::SetUInt32, &r::SetRepeatedUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return put<std::uint64_t>(place, integer<std::uint64_t>(value), &r::SetUInt64, &r::SetRepeatedUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put<double>(place, real<double>(value), &r::SetDouble, &r::SetRepeatedDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put<float>(place, real<float>(value), &r::SetFloat, &r::SetRepeatedFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      return put<bool>(place, truth(value), &r::SetBool, &r::SetRepeatedBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return put<int>(place, enumerator(value), &r::SetEnumValue, &r::SetRepeatedEnumValue);
    case FieldDescriptor::CPPTYPE_STRING:
      return put<std::string>(place, characters(place.field, value), &r::SetString, &r::SetRepeatedString);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return false;
  }
  return false;
}

void append_default(Message& target, const FieldDescriptor& field) {
  const Reflection& reflection = *target.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.AddInt32(&target, &field, 0);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.AddInt64(&target, &field, 0);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.AddUInt32(&target, &field, 0);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.AddUInt64(&target, &field, 0);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.AddDouble(&target, &field, 0);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.AddFloat(&target, &field, 0);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.AddBool(&target, &field, false);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.AddEnumValue(&target, &field, 0);
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.AddString(&target, &field, {});
    case FieldDescriptor::CPPTYPE_MESSAGE:
      reflection.AddMessage(&target, &field);
      return;
  }
}

void remove_last(Message& target, const FieldDescriptor& field) {
  const Reflection& reflection = *target.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const std::unique_ptr<Message> freed(reflection.ReleaseLast(&target, &field));
  } else {
    reflection.RemoveLast(&target, &field);
  }
}

}  // namespace cascade
