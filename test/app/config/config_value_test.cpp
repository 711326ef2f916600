#include "app/config/config_value.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

using std::chrono::milliseconds;

constexpr duration_range up_to_a_day{milliseconds(1), std::chrono::hours(24)};

setting_value text(std::string words) {
  return {setting_value::kind_of::text, {std::move(words)}};
}
setting_value integer(std::string digits) {
  return {setting_value::kind_of::integer, {std::move(digits)}};
}

TEST(config_value, durations_have_a_unit) {
  const std::pair<const char*, milliseconds> cases[] = {
      {"1ms", milliseconds(1)},      {"500ms", milliseconds(500)},    {"10s", milliseconds(10'000)},
      {"5m", milliseconds(300'000)}, {"1h", milliseconds(3'600'000)}, {"1d", milliseconds(86'400'000)},
  };
  for (const auto& [words, expected] : cases) {
    const auto got = read_duration(text(words), up_to_a_day);
    ASSERT_TRUE(got.has_value()) << words;
    EXPECT_EQ(*got, expected) << words;
    EXPECT_EQ(*read_duration(setting_value::untyped(words), up_to_a_day), expected) << words;
    EXPECT_EQ(toml_duration(expected), '"' + std::string(words) + '"');
  }
}

TEST(config_value, what_is_not_a_duration_is_refused) {
  for (const char* words : {"", "s", "10", "10 s", "-1s", "1.5s", "10S", "10sec", "0s", "2d", "99999999999999999999s",
                            "9223372036854775807d", " 10s"}) {
    EXPECT_TRUE(read_duration(text(words), up_to_a_day).has_error()) << words;
  }
}

TEST(config_value, a_bare_number_for_a_duration_is_refused_with_a_hint) {
  for (const auto& value : {integer("10"), setting_value::untyped("10")}) {
    const auto got = read_duration(value, up_to_a_day);
    ASSERT_TRUE(got.has_error());
    EXPECT_NE(got.error().why.find("write \"10s\"?"), std::string::npos) << got.error().why;
  }
}

TEST(config_value, sizes_have_a_binary_unit) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"1B", 1}, {"64KiB", 65536}, {"10MiB", 10u << 20}, {"2GiB", 2ull << 30}, {"1TiB", 1ull << 40}};
  for (const auto& [words, expected] : cases) {
    const auto got = read_size(text(words), {1, 1ull << 40});
    ASSERT_TRUE(got.has_value()) << words;
    EXPECT_EQ(*got, expected) << words;
    EXPECT_EQ(toml_size(expected), '"' + std::string(words) + '"');
  }
  for (const char* words : {"64", "64KB", "64kb", "2TiB", "0B", "", "99999999999TiB", "1.5MiB"}) {
    EXPECT_TRUE(read_size(text(words), {1, 1ull << 40}).has_error()) << words;
  }
}

TEST(config_value, integers_are_checked_for_kind_and_range) {
  EXPECT_EQ(*read_integer(integer("7"), {1, 9}), 7u);
  EXPECT_EQ(*read_integer(setting_value::untyped("7"), {1, 9}), 7u);
  EXPECT_TRUE(read_integer(text("7"), {1, 9}).has_error());
  for (const char* digits : {"0", "10", "-1", "18446744073709551616"}) {
    EXPECT_TRUE(read_integer(integer(digits), {1, 9}).has_error()) << digits;
  }
}

TEST(config_value, endpoints_name_an_address_and_a_port) {
  const std::pair<const char*, const char*> cases[] = {
      {"127.0.0.1:8741", R"(["127.0.0.1:8741"])"},
      {"[::1]:0", R"(["[::1]:0"])"},
      {"localhost:80", R"(["127.0.0.1:80", "[::1]:80"])"},
      {":8742", R"(["0.0.0.0:8742", "[::]:8742"])"},
      {"127.0.0.1:1, [::1]:2", R"(["127.0.0.1:1", "[::1]:2"])"},
  };
  for (const auto& [words, expected] : cases) {
    const auto got = read_endpoints(setting_value::untyped(words));
    ASSERT_TRUE(got.has_value()) << words;
    EXPECT_EQ(toml_endpoints(*got), expected);
  }
  for (const char* words : {"", "8741", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:", "::1:80", "[127.0.0.1]:80",
                            "example.org:80", "[::1]", "1.2.3:80"}) {
    EXPECT_TRUE(read_endpoints(setting_value::untyped(words)).has_error()) << words;
  }
}

TEST(config_value, lists_are_split_at_commas_only_where_there_is_no_list_syntax) {
  EXPECT_EQ(read_list(setting_value::untyped(" a , b,,c "))->size(), 3u);
  EXPECT_EQ(*read_list(text("a,b")), std::vector<std::string>{"a,b"});
  EXPECT_TRUE(read_list(integer("1")).has_error());
}

TEST(config_value, a_flag_may_have_a_list_as_the_file_has_it) {
  using words = std::vector<std::string>;
  EXPECT_EQ(*read_list(setting_value::untyped(R"(["a,b", 'c\d'])")), (words{"a,b", "c\\d"}));
  EXPECT_EQ(*read_list(setting_value::untyped(R"( [ "a\"b" ] )")), words{"a\"b"});
  EXPECT_EQ(*read_list(setting_value::untyped("[]")), words{});
  EXPECT_EQ(*read_list({setting_value::kind_of::untyped, {R"(["a"])", "b"}}), (words{"a", "b"}));
  for (const char* wrong : {R"(["a")", R"(["a", 1])", "[\"a\"]\nx = 1", R"(["a"] b)"}) {
    const auto read = read_list(setting_value::untyped(wrong));
    ASSERT_TRUE(read.has_error()) << wrong;
    EXPECT_NE(read.error().why.find("not a TOML list"), std::string::npos) << wrong;
  }
  EXPECT_EQ(read_endpoints(setting_value::untyped("[::1]:2"))->size(), 1u);
}

TEST(config_value, the_api_is_reached_at_addresses_and_at_paths) {
  const auto read = read_api_addresses(setting_value::untyped("127.0.0.1:1,unix:/run/zg/api.sock"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->tcp.size(), 1u);
  EXPECT_EQ(read->paths, std::vector<std::filesystem::path>{"/run/zg/api.sock"});
  EXPECT_EQ(toml_addresses(*read), R"(["127.0.0.1:1", "unix:/run/zg/api.sock"])");
  EXPECT_TRUE(read_api_addresses(setting_value::untyped("unix:/" + std::string(106, 'x'))).has_value());
  for (const auto& wrong : {std::string("unix:api.sock"), std::string("unix:"), std::string("unix:/"),
                            std::string("unix:@abstract"), "unix:/" + std::string(107, 'x')}) {
    EXPECT_TRUE(read_api_addresses(setting_value::untyped(wrong)).has_error()) << wrong;
  }
}

TEST(config_value, a_relative_path_is_completed_only_where_a_shell_directory_is_meant) {
  EXPECT_TRUE(read_path(text("state")).has_error());
  EXPECT_TRUE(read_path(setting_value::untyped("~/state")).has_error());
  EXPECT_EQ(*read_path(setting_value::untyped("./state")), std::filesystem::current_path() / "state");
  EXPECT_EQ(*read_path(text("/var/lib/x")), "/var/lib/x");
}

TEST(config_value, toml_text_escapes_what_toml_does_not_take_as_it_is) {
  EXPECT_EQ(toml_text("a\"b\\c\n\x7f"), "\"a\\\"b\\\\c\\u000A\\u007F\"");
}

}  // namespace
}  // namespace app
