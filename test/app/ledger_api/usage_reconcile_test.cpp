#include "app/ledger_api/usage_reconcile.hpp"

#include <gmock/gmock.h>

#include <string>
#include <utility>

#include <boost/json/parse.hpp>

namespace app {
namespace {

using ::testing::HasSubstr;
using usage::difference_cause;

usage::call_difference difference(difference_cause cause, std::string response) {
  usage::call_difference made;
  made.cause = cause;
  made.response_id = std::move(response);
  made.server.emplace();
  made.server->input_uncached = 3;
  made.server->output_total = 4;
  return made;
}

reconcile_report report_of(usage::reconciliation one) {
  reconcile_report report;
  report.conversations.push_back(std::move(one));
  return report;
}

usage::reconciliation agreed() {
  usage::reconciliation one;
  one.conversation = "c";
  one.wire = one.server = {.input_uncached = 10, .cache_read = 2, .output = 5};
  one.wire_calls = one.server_calls = one.matched = 2;
  return one;
}

TEST(usage_reconcile, the_text_takes_any_document_and_shows_no_escape) {
  for (
      const char* document :
      {"{}", R"({"data":5,"totals":[],"language_server":"x"})",
       R"({"data":[1,{"conversation":"\u001b[2J","matched":1e300,"differences":[2,{"cause":"\u0007","wire":{"input_tokens":1e300}}]}],
           "language_server":{"error":"\u001b]0;x\u0007"}})"}) {
    const auto text = reconciliation_text(boost::json::parse(document).as_object());
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_EQ(text.find('\x07'), std::string::npos) << text;
  }
}

TEST(usage_reconcile, both_ends_and_their_agreement_are_written_out) {
  const auto document = render_reconciliation(report_of(agreed()));
  EXPECT_TRUE(reconciled(document));
  const auto& one = document.at("data").at(0);
  EXPECT_EQ(one.at("conversation"), "c");
  EXPECT_EQ(one.at("wire").at("input_tokens"), 12);
  EXPECT_EQ(one.at("server").at("calls"), 2u);
  EXPECT_EQ(document.at("totals").at("matched"), 2u);
  EXPECT_EQ(document.at("language_server").at("error"), nullptr);
  EXPECT_THAT(reconciliation_text(document), HasSubstr("reconciled: 2 calls matched, 0 differences"));
}

TEST(usage_reconcile, a_fault_fails_and_an_explained_difference_does_not) {
  auto one = agreed();
  one.differences.push_back(difference(difference_cause::background, "title"));
  EXPECT_TRUE(reconciled(render_reconciliation(report_of(one))));
  one.differences.push_back(difference(difference_cause::unexplained, "odd"));
  const auto document = render_reconciliation(report_of(one));
  EXPECT_FALSE(reconciled(document));
  EXPECT_EQ(document.at("totals").at("unexplained"), 1u);
  EXPECT_EQ(document.at("data").at(0).at("differences").at(0).at("cause"), "unexplained");
  const auto text = reconciliation_text(document);
  EXPECT_THAT(text, HasSubstr("! unexplained: wire nothing, server 3 in, 4 out (response odd"));
  EXPECT_THAT(text, HasSubstr("NOT RECONCILED"));
}

TEST(usage_reconcile, traffic_that_never_passed_is_loud) {
  auto one = agreed();
  one.intercepted = false;
  const auto document = render_reconciliation(report_of(one));
  EXPECT_FALSE(reconciled(document));
  EXPECT_THAT(reconciliation_text(document), HasSubstr("c  NOT INTERCEPTED"));
}

TEST(usage_reconcile, many_differences_are_counted_and_the_faults_among_them_shown) {
  auto one = agreed();
  for (std::size_t i = 0; i < max_differences; ++i)
    one.differences.push_back(difference(difference_cause::background, "title"));
  one.differences.push_back(difference(difference_cause::not_listed, "odd"));
  const auto document = render_reconciliation(report_of(one));
  EXPECT_EQ(document.at("data").at(0).at("differences").as_array().size(), max_differences);
  EXPECT_EQ(document.at("data").at(0).at("differences_total"), max_differences + 1);
  EXPECT_EQ(document.at("data").at(0).at("differences").at(0).at("response_id"), "odd");
}

TEST(usage_reconcile, a_conversation_that_the_server_does_not_list_is_said_and_no_fault) {
  auto one = agreed();
  one.server_calls = one.matched = 0;
  one.differences.push_back(difference(difference_cause::not_listed, "r"));
  const auto document = render_reconciliation(report_of(one));
  EXPECT_TRUE(reconciled(document));
  EXPECT_EQ(document.at("totals").at("not_listed"), 1u);
  EXPECT_THAT(reconciliation_text(document), HasSubstr("of 1 conversations the server lists nothing"));
}

TEST(usage_reconcile, a_server_that_was_not_asked_is_said) {
  auto report = report_of(agreed());
  report.server = {true, 0, false, "no server is ready"};
  EXPECT_THAT(reconciliation_text(render_reconciliation(report)), HasSubstr("no server is ready"));
}

}  // namespace
}  // namespace app
