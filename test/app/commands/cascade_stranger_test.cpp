// `zerogravity cascade` against what is not the service: every answer gives words and a documented exit code.

#include <sstream>
#include <vector>

#include <gmock/gmock.h>

#include "app/client/service_client.hpp"
#include "app/commands/cascade_command.hpp"
#include "test/app/client/raw_server.hpp"

namespace app {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

struct outcome {
  exit_code code = exit_code::ok;
  std::string out;
  std::string err;
};

outcome asked_of(const raw_server& server, const cascade_command& asked, bool terminal = false) {
  std::ostringstream out;
  std::ostringstream err;
  const auto code = run_cascade(asked, server.url(), {}, {out, err, terminal, terminal});
  return {code, out.str(), err.str()};
}

cascade_command one_turn_command(bool json = false) {
  cascade_command asked;
  asked.text = "hi";
  asked.json = json;
  return asked;
}

cascade_command list_command(bool json = false) {
  cascade_command asked;
  asked.list = true;
  asked.json = json;
  return asked;
}

cascade_command cancel_command() {
  cascade_command asked;
  asked.cancel_id = "x";
  return asked;
}

class cascade_stranger : public testing::TestWithParam<std::string> {};

TEST_P(cascade_stranger, is_named_and_nothing_of_it_is_taken_for_an_answer) {
  const raw_server server(GetParam());
  for (const auto& command :
       {one_turn_command(), one_turn_command(true), list_command(), list_command(true), cancel_command()}) {
    const auto got = asked_of(server, command);
    EXPECT_THAT(got.code, AnyOf(exit_code::unreachable, exit_code::failed)) << got.out << got.err;
    EXPECT_THAT(got.err, HasSubstr("zerogravity: " + server.url() + ": "));
    EXPECT_THAT(got.err + got.out, Not(HasSubstr("\x1b")));
  }
}

std::string ndjson(const std::string& body) {
  return http_answer(body, "application/x-ndjson");
}

INSTANTIATE_TEST_SUITE_P(
    answers, cascade_stranger,
    testing::Values("", "garbage\r\n\r\n", "\x1b[31m\r\n\r\n", std::string(70'000, 'a'), "HTTP/1.1 200 OK\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999\r\n\r\n", "HTTP/1.1 999 Odd\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 100 Continue\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", http_answer("hello"),
                    http_answer(""), http_answer("{}"), http_answer("[]"), http_answer("{}", "text/html"),
                    http_answer(std::string(10'000, '[')), http_answer("{\"ok\":1,\"data\":{}}"),
                    http_answer("\x1b]0;x\x07", "text/\x1b[2Jhtml", "500 Broken"),
                    http_answer("{\"error\":5}", "application/json", "404 Not Found"), ndjson("{}\n[]\n7\n\x1b\n"),
                    ndjson("{\"type\":\"text\",\"text\":7}\n{\"type\":null}\n")));

TEST(stranger_without_end, is_given_up_when_a_line_is_longer_than_any_of_the_service) {
  const raw_server server("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\na", true);
  const auto got = asked_of(server, one_turn_command());
  EXPECT_EQ(got.code, exit_code::unreachable);
  EXPECT_THAT(got.err, HasSubstr("more than an answer may hold"));
  EXPECT_EQ(asked_of(server, list_command()).code, exit_code::unreachable);
}

TEST(cascade_list, takes_any_types_for_what_they_are_not) {
  const raw_server server(http_answer(
      R"({"object":"list","data":[1,null,{"id":5,"steps":""},{"id":"a","steps":1e300,"title":5},{"id":"b","steps":-1}]})"));
  const auto got = asked_of(server, list_command());
  EXPECT_EQ(got.code, exit_code::ok);
  EXPECT_EQ(got.out, "  0 steps  \na  9223372036854775807 steps  \nb  -1 steps  \n");
}

TEST(cascade_list, shows_titles_and_ids_without_what_drives_a_terminal_also_into_a_pipe) {
  const raw_server server(http_answer(
      R"({"object":"list","data":[{"id":"x\u001b[2J","steps":1,"title":"\u001b]0;pwned\u0007\u202etxt.exe\nnext"}]})"));
  EXPECT_EQ(asked_of(server, list_command()).out,
            "x\\u001b[2J  1 steps  \\u001b]0;pwned\\u0007\\u202etxt.exe\\u000anext\n");
}

std::string evil_turn() {
  return ndjson(
      "{\"type\":\"cascade\",\"id\":\"c\\u001b[2J\"}\n"
      "{\"type\":\"tool\",\"name\":\"\\u001b[31mls\",\"status\":\"\\u0007\"}\n"
      "{\"type\":\"text\",\"text\":\"a\\tb\\n\\u001b[1mc\x7f\"}\n"
      "{\"type\":\"finished\",\"reason\":\"stop\"}\n");
}

TEST(cascade_turn, gives_a_pipe_every_byte_of_the_model) {
  const auto got = asked_of(raw_server(evil_turn()), one_turn_command());
  EXPECT_EQ(got.code, exit_code::ok);
  EXPECT_EQ(got.out, "a\tb\n\x1b[1mc\x7f\n");
  EXPECT_THAT(got.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(got.err, HasSubstr("[\\u001b[31mls: \\u0007]"));
}

TEST(cascade_turn, gives_a_terminal_the_models_lines_and_no_escape) {
  const auto got = asked_of(raw_server(evil_turn()), one_turn_command(), true);
  EXPECT_EQ(got.out, "a\tb\n\\u001b[1mc\\u007f\n");
  const auto json = asked_of(raw_server(evil_turn()), one_turn_command(true), true);
  EXPECT_EQ(json.code, exit_code::ok);
  EXPECT_THAT(json.out, HasSubstr("\\u001b[1mc\\u007f"));
  EXPECT_THAT(json.out, Not(HasSubstr("\x7f")));
}

TEST(cascade_turn, that_breaks_off_is_not_one_that_ended) {
  const auto whole = evil_turn();
  const auto got = asked_of(raw_server(whole.substr(0, whole.size() - 10)), one_turn_command());
  EXPECT_EQ(got.code, exit_code::unreachable);
  EXPECT_THAT(got.err, HasSubstr("closed before the answer was whole"));
}

TEST(cascade_command, tells_the_services_own_refusals_with_its_words) {
  const raw_server server(
      http_answer(R"({"error":{"message":"No\u001b[2J such thing."}})", "application/json", "404 Not Found"));
  for (const auto& command : {one_turn_command(), list_command(), cancel_command()}) {
    const auto got = asked_of(server, command);
    EXPECT_EQ(got.code, exit_code::failed);
    EXPECT_EQ(got.err, "zerogravity: No\\u001b[2J such thing.\n");
  }
}

TEST(service_client_stranger, an_answer_that_is_larger_than_any_of_the_service_is_refused) {
  const raw_server large("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(max_answer + 1) + "\r\n\r\n", true);
  const auto refused = fetch({large.url(), "/v1/usage", ""});
  ASSERT_TRUE(refused.has_error());
  EXPECT_THAT(refused.error().why, HasSubstr("not the service (it sends more than an answer may hold)"));
}

}  // namespace
}  // namespace app
