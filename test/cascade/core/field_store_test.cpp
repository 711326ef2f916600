#include "cascade/core/field_store.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "test/cascade/core/every_kind.hpp"

namespace cascade {
namespace {

using exa::reactive_component_pb::SingularValue;
using google::protobuf::FieldDescriptor;
using support::every_kind;

struct conversion {
  const char* name;
  FieldDescriptor::Type field;
  std::function<void(SingularValue&)> give;
  std::string expected;  // the field as text, empty: refused
};

std::string as_text(const google::protobuf::Message& message, const FieldDescriptor& field) {
  const auto& r = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(r.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(r.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(r.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(r.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return std::to_string(r.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return std::to_string(r.GetFloat(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return r.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return std::to_string(r.GetEnumValue(message, &field));
    default:
      return r.GetString(message, &field);
  }
}

class field_store_test : public testing::TestWithParam<conversion> {};

TEST_P(field_store_test, a_value_of_another_kind_is_taken_only_if_it_fits) {
  every_kind kinds;
  const auto message = kinds.make();
  const FieldDescriptor& field = kinds.at(GetParam().field);
  SingularValue value;
  GetParam().give(value);
  const std::string before = as_text(*message, field);
  EXPECT_EQ(store({*message, field}, value), !GetParam().expected.empty());
  EXPECT_EQ(as_text(*message, field), GetParam().expected.empty() ? before : GetParam().expected);
}

using v = SingularValue;
using f = FieldDescriptor;
INSTANTIATE_TEST_SUITE_P(
    conversions, field_store_test,
    testing::Values(
        conversion{"int64_into_int32", f::TYPE_INT32, [](v& x) { x.set_int64_value(-5); }, "-5"},
        conversion{"large_int64_into_int32", f::TYPE_INT32, [](v& x) { x.set_int64_value(1LL << 40); }, ""},
        conversion{"uint64_into_int64", f::TYPE_INT64, [](v& x) { x.set_uint64_value(9); }, "9"},
        conversion{"large_uint64_into_int64", f::TYPE_INT64, [](v& x) { x.set_uint64_value(UINT64_MAX); }, ""},
        conversion{"negative_into_uint32", f::TYPE_UINT32, [](v& x) { x.set_sint32_value(-1); }, ""},
        conversion{"fixed32_into_uint64", f::TYPE_UINT64, [](v& x) { x.set_fixed32_value(3); }, "3"},
        conversion{"fixed64_into_sfixed32", f::TYPE_SFIXED32, [](v& x) { x.set_fixed64_value(3); }, "3"},
        conversion{"sfixed32_into_sint64", f::TYPE_SINT64, [](v& x) { x.set_sfixed32_value(-3); }, "-3"},
        conversion{"sfixed64_into_double", f::TYPE_DOUBLE, [](v& x) { x.set_sfixed64_value(-3); }, "-3.000000"},
        conversion{"sint64_into_float", f::TYPE_FLOAT, [](v& x) { x.set_sint64_value(2); }, "2.000000"},
        conversion{"whole_double_into_int32", f::TYPE_INT32, [](v& x) { x.set_double_value(4); }, "4"},
        conversion{"broken_double_into_int32", f::TYPE_INT32, [](v& x) { x.set_double_value(4.5); }, ""},
        conversion{"two_to_the_63_into_int64", f::TYPE_INT64, [](v& x) { x.set_double_value(std::ldexp(1, 63)); }, ""},
        conversion{"not_a_number_into_int64", f::TYPE_INT64, [](v& x) { x.set_double_value(NAN); }, ""},
        conversion{"infinity_into_uint32", f::TYPE_UINT32, [](v& x) { x.set_float_value(INFINITY); }, ""},
        conversion{"float_into_double", f::TYPE_DOUBLE, [](v& x) { x.set_float_value(0.5f); }, "0.500000"},
        conversion{"huge_double_into_float", f::TYPE_FLOAT, [](v& x) { x.set_double_value(1e300); }, ""},
        conversion{"infinity_into_float", f::TYPE_FLOAT, [](v& x) { x.set_double_value(INFINITY); }, "inf"},
        conversion{"one_into_bool", f::TYPE_BOOL, [](v& x) { x.set_uint32_value(1); }, "true"},
        conversion{"two_into_bool", f::TYPE_BOOL, [](v& x) { x.set_uint32_value(2); }, ""},
        conversion{"bool_into_int32", f::TYPE_INT32, [](v& x) { x.set_bool_value(true); }, "1"},
        conversion{"int32_into_enum", f::TYPE_ENUM, [](v& x) { x.set_int32_value(1); }, "1"},
        conversion{"enum_without_a_name", f::TYPE_ENUM, [](v& x) { x.set_enum_value(4711); }, "4711"},
        conversion{"negative_enum", f::TYPE_ENUM, [](v& x) { x.set_enum_value(UINT32_MAX); }, "-1"},
        conversion{"enum_into_int64", f::TYPE_INT64, [](v& x) { x.set_enum_value(3); }, "3"},
        conversion{"bytes_into_string", f::TYPE_STRING, [](v& x) { x.set_bytes_value("grüße"); }, "grüße"},
        conversion{"invalid_utf8_into_string", f::TYPE_STRING, [](v& x) { x.set_bytes_value("\xC3"); }, ""},
        conversion{"string_into_bytes", f::TYPE_BYTES, [](v& x) { x.set_string_value("b"); }, "b"},
        conversion{"string_into_int32", f::TYPE_INT32, [](v& x) { x.set_string_value("1"); }, ""},
        conversion{"int32_into_string", f::TYPE_STRING, [](v& x) { x.set_int32_value(1); }, ""},
        conversion{"nothing_into_int32", f::TYPE_INT32, [](v&) {}, ""}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace cascade
