#include "app/client/limits_table.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace app {
namespace {

constexpr std::int64_t shown_at = 1'790'000'000;  // Unix seconds

std::string table_of_limits(const char* document) {
  return limits_table(boost::json::parse(document).as_object(), shown_at);
}

TEST(limits_table, one_line_for_each_window_by_host_account_and_name) {
  EXPECT_EQ(table_of_limits(R"({"data":[
    {"account":"bb","host":"chatgpt.com","window":"codex primary","used_percent":42.5,"resets_at":1790000059,
     "seen_at":1789999990},
    {"account":"aa","host":"api.anthropic.com","window":"7d","used_percent":99.96,"resets_at":1790277200,
     "status":"allowed_warning","seen_at":1789996400},
    {"account":"aa","host":"api.anthropic.com","window":"5h","used_percent":null,"resets_at":1789999999,
     "expired":true,"status":null,"seen_at":1789913600},
    {"account":"aa","host":"api.openai.com","window":"tokens","model":"gpt-5","used_percent":25,"limit":400,
     "remaining":300,"resets_at":null,"seen_at":1789999700}]})"),
            "HOST               ACCOUNT  WINDOW             USED        LEFT  RESETS IN       SEEN  STATUS\n"
            "api.anthropic.com  aa       5h                    –           –     passed    1 d ago  –\n"
            "api.anthropic.com  aa       7d               99.9 %           –    3 d 5 h    1 h ago  allowed_warning\n"
            "api.openai.com     aa       tokens of gpt-5  25.0 %  300 of 400          –  5 min ago  –\n"
            "chatgpt.com        bb       codex primary    42.5 %           –       59 s   10 s ago  –\n");
}

TEST(limits_table, nothing_told_is_said) {
  EXPECT_EQ(table_of_limits(R"({"data":[]})"), "No provider has told of a limit.\n");
  EXPECT_EQ(table_of_limits(R"({"data":[7,"x"]})"), "No provider has told of a limit.\n");
}

TEST(limits_table, a_document_of_a_stranger_is_shown_as_far_as_it_can_be) {
  const auto shown =
      table_of_limits("{\"data\":[{\"host\":7,\"account\":\"a\\u001b[2J\",\"window\":\"w\",\"used_percent\":\"x\"}]}");
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_NE(shown.find("a?[2J"), std::string::npos) << shown;
}

}  // namespace
}  // namespace app
