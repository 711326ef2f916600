#include "app/run/report.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/ledger_api/usage_api.hpp"
#include "app/run/tally.hpp"

namespace app::run {
namespace {

using testing::HasSubstr;
using testing::Not;

boost::json::object usage_of_one_call() {
  tally spent;
  usage::usage_record row;
  row.kind = usage::call_kind::model;
  row.requested_model = "gpt-sim";
  row.tokens.input_uncached = 11;
  spent.add(row);
  return render_usage(spent.summary(), {});
}

run_facts facts_of(const run_command& asked) {
  const std::chrono::system_clock::time_point began{std::chrono::seconds(1'700'000'000)};
  return {asked, began, began + std::chrono::milliseconds(1500), 7, run_mode::private_network, false, 0};
}

TEST(run_report, says_what_was_spent_by_model) {
  const run_command asked;
  EXPECT_THAT(report_text(facts_of(asked), usage_of_one_call()), HasSubstr("gpt-sim"));
  EXPECT_THAT(report_text(facts_of(asked), usage_of_one_call()), Not(HasSubstr("Still running")));
}

TEST(run_report, says_what_still_runs) {
  const run_command asked;
  auto facts = facts_of(asked);
  facts.still_running = 2;
  EXPECT_THAT(report_text(facts, usage_of_one_call()), HasSubstr("Still running: 2 processes"));
}

TEST(run_report, speaks_of_the_run_and_not_of_a_service) {
  const run_command asked;
  const auto text = report_text(facts_of(asked), render_usage({}, {}));
  EXPECT_THAT(text, HasSubstr("No model call was recorded in this run."));
  EXPECT_THAT(text, HasSubstr("no connection in this run"));
  EXPECT_THAT(text, Not(HasSubstr("service")));
}

TEST(run_report, says_what_was_not_read_and_not_just_that_there_was_no_model_call) {
  const run_command asked;
  const std::vector<usage::unread_note> unread{{"api.openai.com", "/v1/realtime", "upgraded", 2, {}, 1, 1}};
  const auto usage = render_usage({}, {}, unread);
  const auto text = report_text(facts_of(asked), usage);
  EXPECT_THAT(text, HasSubstr("No model call was recorded in this run, but there was traffic that was not read"));
  EXPECT_THAT(text, HasSubstr("2 connections to api.openai.com/v1/realtime were not read: the connection went on in "
                              "another protocol"));
  EXPECT_EQ(report_document(facts_of(asked), usage).at("unread").at(0).at("connections"), 2);
}

TEST(run_report, names_what_passed_by_unwatched) {
  const run_command asked;
  auto facts = facts_of(asked);
  facts.unwatched = {{"github.com", 3, 1000, "not configured"}};
  facts.past_proxy = {{"/usr/bin/stubborn", "192.0.2.1"}};
  const auto text = report_text(facts, usage_of_one_call());
  EXPECT_THAT(text, HasSubstr("Passed by unwatched: github.com (3 connections)."));
  EXPECT_THAT(text, HasSubstr("Connected past the proxy, unwatched: /usr/bin/stubborn (to 192.0.2.1 port 443)."));
  const auto document = report_document(facts, usage_of_one_call());
  EXPECT_EQ(document.at("unwatched").at(0).at("host"), "github.com");
  EXPECT_EQ(document.at("unwatched").at(0).at("bytes"), 1000);
  EXPECT_EQ(document.at("past_proxy").at(0).at("executable"), "/usr/bin/stubborn");
}

TEST(run_report, the_document_has_the_usage_and_the_run) {
  run_command asked;
  asked.words = {"curl", "https://api.openai.com"};
  const auto document = report_document(facts_of(asked), usage_of_one_call());
  EXPECT_EQ(document.at("object"), "run");
  EXPECT_EQ(document.at("exit_status"), 7);
  EXPECT_EQ(document.at("duration_ms"), 1500);
  EXPECT_EQ(document.at("mode"), "network");
  EXPECT_TRUE(document.at("max_tokens").is_null());
  EXPECT_EQ(document.at("command").at(1), "https://api.openai.com");
  EXPECT_EQ(document.at("totals").at("input_tokens"), 11);
}

TEST(run_report, replaces_what_was_in_the_file) {
  run_command asked;
  asked.json = std::filesystem::temp_directory_path() / ("zg-report-" + std::to_string(::getpid()));
  std::ofstream(asked.json) << std::string(100'000, 'x');
  EXPECT_TRUE(write_report(facts_of(asked), usage_of_one_call()));
  std::ifstream file(asked.json);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(boost::json::parse(text).at("object"), "run");
  std::filesystem::remove(asked.json);
  asked.json = "/nonexistent/report";
  EXPECT_FALSE(write_report(facts_of(asked), usage_of_one_call()));
}

}  // namespace
}  // namespace app::run
