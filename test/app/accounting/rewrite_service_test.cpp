#include "app/accounting/rewrite_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>
#include <thread>

#include <spdlog/sinks/ostream_sink.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "test/app/rewrite/rule_fixture.hpp"

namespace {

using app::rewrite::make_rule;
using app::rewrite::map_model;
using app::rewrite::rule_match;
using app::rewrite::rule_set;
using testing::HasSubstr;
namespace asio = boost::asio;

app::rewrite_service::rules one_rule(rule_match match, std::string model = "cheap") {
  return std::make_shared<const rule_set>(
      std::vector{make_rule("cheaper", {map_model{std::move(model)}}, std::move(match))}, false);
}

rule_match for_host(std::string_view name) {
  rule_match match;
  match.hosts.push_back(app::rewrite::host(name));
  return match;
}

class rewrite_service : public testing::Test {
 protected:
  void start(app::rewrite_service::rules rules, app::usage_recorder::process_source who = {}) {
    service_ = std::make_unique<app::rewrite_service>(
        app::rewrite_service::parts{counters_, *log_, std::move(who), 1 << 20}, std::move(rules));
  }

  std::unique_ptr<mitm::request_rewriter> begin() {
    return asio::co_spawn(pool_.strand(), service_->begin(connection_), asio::use_future).get();
  }

  std::string model_after(mitm::request_rewriter& rewriter) {
    auto request = app::rewrite::chat_request(R"({"model":"dear","messages":[]})");
    rewriter.rewrite(request);
    return request.body;
  }

  /// The log is written by the time that it is gone.
  std::string log_text() {
    service_.reset();
    log_.reset();
    return lines_.str();
  }

  const mitm::connection_facts connection_{{}, {}, "api.openai.com"};  // outlives what begins
  net::worker_pool pool_{2};
  app::metrics counters_;
  std::ostringstream lines_;
  std::unique_ptr<app::logger> log_ = std::make_unique<app::logger>(
      app::log_level::info, app::log_format::json, std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_));
  std::unique_ptr<app::rewrite_service> service_;
};

TEST_F(rewrite_service, concerns_the_hosts_that_rules_name) {
  start(one_rule(for_host("api.openai.com")));
  EXPECT_TRUE(service_->concern("api.openai.com"));
  EXPECT_FALSE(service_->concern("api.anthropic.com"));
}

TEST_F(rewrite_service, writes_an_audit_line_and_counts_what_was_applied) {
  start(one_rule({}));
  EXPECT_THAT(model_after(*begin()), HasSubstr(R"("model":"cheap")"));
  EXPECT_THAT(counters_.render({}), HasSubstr("zerogravity_rewrites_total{outcome=\"applied\"} 1\n"));
  const auto text = log_text();
  EXPECT_THAT(text, HasSubstr(R"("rule":"cheaper")"));
  EXPECT_THAT(text, HasSubstr("model dear -> cheap"));
  EXPECT_THAT(text, HasSubstr(R"("path":"/v1/chat/completions")"));
}

TEST_F(rewrite_service, warns_when_a_rule_could_not_be_followed) {
  start(one_rule({}));
  auto request = app::rewrite::chat_request("no JSON");
  begin()->rewrite(request);
  EXPECT_THAT(counters_.render({}), HasSubstr("zerogravity_rewrites_total{outcome=\"not_applied\"} 1\n"));
  EXPECT_THAT(log_text(), HasSubstr(R"("level":"warn")"));
}

TEST_F(rewrite_service, lets_an_open_connection_follow_new_rules) {
  start(one_rule({}));
  const auto rewriter = begin();
  const auto before = service_->changing();
  service_->use(one_rule({}, "cheapest"));
  EXPECT_TRUE(before.stop_requested());
  EXPECT_FALSE(service_->changing().stop_requested());
  EXPECT_THAT(model_after(*rewriter), HasSubstr(R"("model":"cheapest")"));
}

TEST_F(rewrite_service, asks_who_made_a_connection_only_where_a_rule_wants_to_know) {
  std::atomic<int> asked = 0;
  std::shared_ptr<app::process_lookup> lookup;
  const auto who = [&](const mitm::connection_facts&) {
    lookup = std::make_shared<app::process_lookup>();
    ++asked;
    return lookup;
  };
  start(one_rule({}), who);
  begin();
  EXPECT_EQ(asked, 0);
  rule_match mine;
  mine.uids.push_back(1000);
  service_->use(one_rule(mine));
  for (const std::int64_t uid : {1000, 1001}) {
    auto begun = asio::co_spawn(pool_.strand(), service_->begin(connection_), asio::use_future);
    while (asked == 0) std::this_thread::yield();
    asked = 0;
    lookup->answer({1, uid, "", ""});
    EXPECT_THAT(model_after(*begun.get()), HasSubstr(uid == 1000 ? "cheap" : "dear"));
  }
}

}  // namespace
