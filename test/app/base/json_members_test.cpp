#include "app/base/json_members.hpp"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace app {
namespace {

namespace json = boost::json;

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

std::int64_t number_in(const char* value) {
  return number_member(json::parse("{\"n\":" + std::string(value) + "}").as_object(), "n");
}

TEST(json_members, a_member_of_another_type_is_empty) {
  for (const char* value : {"null", "true", "1", "1e300", "\"x\"", "[]", "[[1]]", "{}", "{\"n\":{}}"}) {
    const auto document = json::parse("{\"n\":" + std::string(value) + "}");
    const auto& from = document.as_object();
    EXPECT_EQ(text_member(from, "n"), document.at("n").is_string() ? "x" : "") << value;
    EXPECT_EQ(truth_member(from, "n"), document.at("n").is_bool()) << value;
    EXPECT_EQ(array_member(from, "n").empty(), value != std::string_view("[[1]]")) << value;
    EXPECT_EQ(object_member(from, "n").empty(), value != std::string_view("{\"n\":{}}")) << value;
    EXPECT_EQ(text_member(from, "absent"), "");
    EXPECT_EQ(number_member(from, "absent"), 0);
  }
}

TEST(json_members, a_number_that_64_bits_do_not_hold_is_the_nearest_that_they_do) {
  EXPECT_EQ(number_in("7"), 7);
  EXPECT_EQ(number_in("-7.9"), -7);
  EXPECT_EQ(number_in("1e300"), most);
  EXPECT_EQ(number_in("-1e300"), least);
  EXPECT_EQ(number_in("9223372036854775807"), most);
  EXPECT_EQ(number_in("9223372036854775808"), most);
  EXPECT_EQ(number_in("18446744073709551615"), most);
  EXPECT_EQ(number_in("-9223372036854775808"), least);
  EXPECT_EQ(number_in("\"7\""), 0);
}

TEST(json_members, a_number_is_what_it_is_whatever_it_was_made_of) {
  EXPECT_EQ(number_member(json::object{{"n", std::uint64_t{7}}}, "n"), 7);
  EXPECT_EQ(number_member(json::object{{"n", 7.0}}, "n"), 7);
}

TEST(json_members, sums_do_not_overflow) {
  EXPECT_EQ(saturating_sum(1, 2), 3);
  EXPECT_EQ(saturating_sum(most, 1), most);
  EXPECT_EQ(saturating_sum(least, -1), least);
}

}  // namespace
}  // namespace app
