#include "app/client/usage_table.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "app/ledger_api/usage_api.hpp"

namespace app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string table(const char* document) {
  return usage_table(boost::json::parse(document).as_object());
}

TEST(usage_table, takes_any_types_and_numbers_and_shows_no_escape) {
  const auto text =
      table(R"({"totals":7,"models":[1,{"model":"\u001b[2J","input_tokens":1e300,"output_tokens":18446744073709551615},
    {"model":5,"input_tokens":9223372036854775807,"output_tokens":1}],"hosts":{},"interception":{"connections":1,
    "last_exchange_at":9223372036854775807,"bypassed_hosts":[3,{"host":"\u009b","until":-9223372036854775808}]}})");
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(text, HasSubstr("9,223,372,036,854,775,807"));
}

TEST(usage_table, aligns_columns_groups_thousands_and_shows_what_was_not_reported_as_such) {
  EXPECT_EQ(
      table(R"({"totals": {"requests": 13, "other_requests": 2, "input_tokens": 1234567, "cache_read_tokens": 0,
      "cache_write_tokens": null, "output_tokens": 1000, "thinking_tokens": 5, "errors": 1, "interrupted": 0,
      "unreported": 1, "inconsistent": 2,
      "not_reported": {"input_tokens": 0, "cache_write_tokens": 12, "thinking_tokens": 11}},
    "models": [{"model": "small", "requests": 1, "other_requests": 0, "input_tokens": 7, "cache_read_tokens": 0,
                "cache_write_tokens": null, "output_tokens": 0, "thinking_tokens": null, "errors": 0, "interrupted": 0,
                "unreported": 1},
               {"model": "gemini-3-pro", "requests": 12, "other_requests": 2, "input_tokens": 1234560,
                "cache_read_tokens": 0, "cache_write_tokens": null, "output_tokens": 1000, "thinking_tokens": 5,
                "errors": 1, "interrupted": 0, "unreported": 0}],
    "interception": {"connections": 1500, "exchanges_seen": 14, "exchanges_parsed": 13, "exchanges_attributed": 0,
                     "last_exchange_at": 1700000000,
                     "bypassed_hosts": [{"host": "api.openai.com", "program": "/usr/bin/agent", "uid": 1000,
                                         "until": 1700000600, "reason": "no trust"}]},
    "unread": [{"host": "api.openai.com", "path": "/v1/realtime", "why": "upgraded", "words": "another protocol",
                "connections": 2, "bytes": 5000, "last_at": 1700000100},
               {"host": "api.mistral.ai", "path": null, "why": "not_listed", "words": "not listed", "connections": 1,
                "bytes": null, "last_at": 1700000000}]})"),
      R"(MODEL         REQUESTS  OTHER      INPUT  CACHE READ  CACHE WRITE  OUTPUT  THINKING  ERRORS  INTERRUPTED  UNREPORTED
gemini-3-pro        12      2  1,234,560           0            –   1,000         5       1            0           0
small                1      0          7           0            –       0         –       0            0           1
total               13      2  1,234,567           0            –   1,000         5       1            0           1

Not reported by some of the 12 calls, which no sum can have: cache write (12), thinking (11).
Counts that contradict each other: 2 calls; /v1/usage/exchanges shows them in usage_flags.

Interception: 1,500 connections, 14 exchanges seen, 13 parsed, 0 attributed; last at 2023-11-14 22:13:20 UTC.
Not intercepted until 2023-11-14 22:23:20 UTC: /usr/bin/agent at api.openai.com (no trust)
2 connections to api.openai.com/v1/realtime were not read: another protocol (5,000 bytes); last at 2023-11-14 22:15:00 UTC
1 connection to api.mistral.ai was not read: not listed; last at 2023-11-14 22:13:20 UTC
)");
}

TEST(usage_table, where_something_was_not_read_no_model_call_is_not_all_that_is_said) {
  const auto text = table(R"({"models":[],"unread":[{"host":"h","why":"tls","words":"w","connections":1}]})");
  EXPECT_THAT(text, HasSubstr("No model call was recorded in this range, but there was traffic that was not read"));
  EXPECT_THAT(text, HasSubstr("1 connection to h was not read: w"));
}

TEST(usage_table, of_much_that_was_not_read_the_latest_is_listed_and_the_rest_counted) {
  boost::json::array unread{7};
  for (int i = 0; i < 20; ++i) unread.push_back({{"host", "h" + std::to_string(i)}, {"connections", 1}});
  const auto text = usage_table({{"unread", unread}});
  EXPECT_THAT(text, HasSubstr("h11 was not read"));
  EXPECT_THAT(text, Not(HasSubstr("h12 was not read")));
  EXPECT_THAT(text, HasSubstr("… and 8 more that were not read\n"));
}

TEST(usage_table, is_readable_when_nothing_has_happened) {
  EXPECT_EQ(usage_table(render_usage({{}, {{usage::group_by::model, {}}, {usage::group_by::conversation, {}}}}, {})),
            "No model call was recorded in this range.\n\nInterception: no connection since the service started.\n");
}

TEST(usage_table, a_document_of_another_shape_is_empty_not_an_error) {
  EXPECT_THAT(table(R"({"totals": 3, "models": [1, {"model": 5, "requests": "x"}], "interception": []})"),
              HasSubstr("total"));
  EXPECT_THAT(table("{}"), HasSubstr("No model call"));
}

TEST(usage_table, a_name_cannot_steer_the_terminal) {
  const std::string shown = table(R"({"models": [{"model": "a\u001b[2Jb", "requests": 1}]})");
  EXPECT_THAT(shown, HasSubstr("a?[2Jb"));
  EXPECT_THAT(shown, Not(HasSubstr("\x1b")));
}

TEST(usage_table, a_long_or_foreign_name_keeps_the_columns_aligned) {
  const std::string shown = table(
      R"({"models": [{"model": "modèle", "requests": 1},
                     {"model": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "requests": 2}],
          "totals": {"requests": 3}})");
  const auto column_of_digit = [&](const char* name, char digit) {
    const std::string line = shown.substr(shown.find(name), shown.find('\n', shown.find(name)) - shown.find(name));
    const std::string before = line.substr(0, line.find(digit));
    return std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xc0) != 0x80; });
  };
  EXPECT_THAT(shown, HasSubstr(std::string(48, 'a') + "…  "));
  EXPECT_EQ(column_of_digit("modèle", '1'), column_of_digit("aaaa", '2'));
  EXPECT_EQ(column_of_digit("total", '3'), column_of_digit("aaaa", '2'));
}

}  // namespace
}  // namespace app
