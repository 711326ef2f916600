#include "app/usage_meter.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include <spdlog/sinks/ostream_sink.h>

#include "test/support/run.hpp"

namespace {

using mitm::exchange_outcome;

constexpr std::string_view request_text = "POST /v1/messages HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n";
constexpr std::string_view response_text =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n";
constexpr std::string_view answer =
    R"({"id":"msg_1","model":"claude-x","usage":{"input_tokens":11,"output_tokens":5}})";

class usage_meter : public testing::Test {
 protected:
  std::unique_ptr<mitm::exchange_tap> begin() {
    connection_ = meter_.on_intercepted({{}, {}, "api.anthropic.com"});
    return connection_->on_request(*net::wire::parse_request_head(request_text));
  }

  void respond(mitm::exchange_tap& tap) {
    tap.on_request_body(R"({"model":"claude-alias"})");
    tap.on_request_end();
    tap.on_response(*net::wire::parse_response_head(response_text));
  }

  std::vector<usage::usage_record> rows_;
  app::metrics counters_;
  std::ostringstream lines_;
  app::logger log_{app::log_level::info, app::log_format::json,
                   std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_)};
  app::usage_meter meter_{[this](usage::usage_record&& row) {
                            rows_.push_back(std::move(row));
                            return true;
                          },
                          counters_,
                          log_,
                          {}};
  std::unique_ptr<mitm::connection_observer> connection_;
};

TEST_F(usage_meter, books_one_row_per_exchange_with_its_times_and_tokens) {
  const auto tap = begin();
  respond(*tap);
  tap->on_response_body(answer);
  tap->on_end(exchange_outcome::complete, "");
  ASSERT_EQ(rows_.size(), 1u);
  const auto& row = rows_.front();
  EXPECT_EQ(row.host, "api.anthropic.com");
  EXPECT_EQ(row.requested_model, "claude-alias");
  EXPECT_EQ(row.served_model, "claude-x");
  EXPECT_EQ(row.tokens.input_total(), 11);
  EXPECT_EQ(row.tokens.output_total, 5);
  EXPECT_EQ(row.status, usage::record_status::complete);
  EXPECT_GT(row.started_at, 1'600'000'000'000);
  EXPECT_TRUE(row.first_byte_ms);
  EXPECT_TRUE(row.duration_ms);
  EXPECT_EQ(counters_.interception().exchanges_parsed, 1u);
}

TEST_F(usage_meter, books_what_rules_did_to_the_request) {
  const auto tap = begin();
  tap->on_rewritten({"cheaper", "model a -> b", false});
  respond(*tap);
  tap->on_response_body(answer);
  tap->on_end(exchange_outcome::complete, "");
  EXPECT_EQ(rows_.at(0).rules, "cheaper");
  EXPECT_EQ(rows_.at(0).rewrite, "model a -> b");
  EXPECT_EQ(rows_.at(0).tokens.output_total, 5);
}

TEST_F(usage_meter, books_an_answer_of_our_own_as_one_that_spent_nothing) {
  const auto tap = begin();
  tap->on_rewritten({"mock", "answered from a file", true});
  respond(*tap);
  tap->on_response_body(answer);
  tap->on_end(exchange_outcome::complete, "");
  EXPECT_EQ(rows_.at(0).rules, "mock");
  EXPECT_EQ(rows_.at(0).tokens.output_total, std::nullopt);
  EXPECT_EQ(rows_.at(0).response_id, "") << "that of another answer, which must not be completed by this one";
  EXPECT_EQ(rows_.at(0).status, usage::record_status::unreported);
}

TEST_F(usage_meter, books_an_answer_that_was_cut_as_interrupted) {
  const auto tap = begin();
  respond(*tap);
  tap->on_response_body(answer.substr(0, 40));
  tap->on_end(exchange_outcome::upstream_aborted, "reset");
  EXPECT_EQ(rows_.at(0).status, usage::record_status::interrupted);
}

TEST_F(usage_meter, books_an_origin_out_of_reach_as_an_error_with_its_cause) {
  const auto tap = begin();
  tap->on_end(exchange_outcome::failed, "upstream_refused");
  EXPECT_EQ(rows_.at(0).status, usage::record_status::error);
  EXPECT_EQ(rows_.at(0).error_reason, "upstream_refused");
  EXPECT_EQ(rows_.at(0).http_status, 0u);
}

TEST_F(usage_meter, books_a_timeout_before_any_answer_as_an_error_and_afterwards_as_interrupted) {
  begin()->on_end(exchange_outcome::timed_out, "upstream_timeout");
  EXPECT_EQ(rows_.at(0).status, usage::record_status::error);
  EXPECT_EQ(rows_.at(0).error_reason, "upstream_timeout");
  const auto tap = begin();
  respond(*tap);
  tap->on_end(exchange_outcome::timed_out, "upstream_timeout");
  EXPECT_EQ(rows_.at(1).status, usage::record_status::interrupted);
}

TEST_F(usage_meter, does_not_count_an_exchange_as_parsed_that_the_tap_lost) {
  const auto tap = begin();
  respond(*tap);
  tap->on_response_body(answer);
  tap->on_end(exchange_outcome::detached, "malformed");
  EXPECT_EQ(counters_.interception().exchanges_seen, 1u);
  EXPECT_EQ(counters_.interception().exchanges_parsed, 0u);
}

TEST_F(usage_meter, names_a_client_that_does_not_trust_the_ca_once_per_host) {
  meter_.on_rejected({"api.anthropic.com", "unknown ca", true, false});
  meter_.on_rejected({"api.anthropic.com", "unknown ca", false, false});
  meter_.on_rejected({"api.anthropic.com", "unknown ca", false, true});
  log_.~logger();  // writes what is queued
  new (&log_) app::logger(app::log_level::info, app::log_format::json,
                          std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_));
  const std::string text = lines_.str();
  const auto count = [&text](std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("does not trust the CA: it refused"), 1u);
  EXPECT_EQ(count("is bypassed for a while"), 1u);
}

TEST_F(usage_meter, tells_the_user_of_a_connection_whose_process_is_still_looked_for) {
  const auto user = [this](app::usage_meter::who_made who) {
    app::usage_meter meter([](usage::usage_record&&) { return true; }, counters_, log_, {}, std::move(who));
    const auto connection = meter.on_intercepted({{}, {}, "api.anthropic.com"});
    net::worker_pool pool(1);
    return test::run(pool, connection->user());
  };
  const auto made_by = [](std::optional<std::int64_t> uid) {
    return [uid](const mitm::connection_facts&) {
      auto lookup = std::make_shared<app::process_lookup>();
      lookup->answer_user(uid);
      return lookup;
    };
  };
  EXPECT_EQ(user(made_by(1000)), 1000);
  EXPECT_EQ(user(made_by(0)), 0);
  EXPECT_EQ(user(made_by(std::nullopt)), std::nullopt);
  EXPECT_EQ(user(made_by(65'534)), std::nullopt) << "any user that has no number in our namespace";
  EXPECT_EQ(user({}), std::nullopt);
}

}  // namespace
