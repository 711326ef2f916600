#include "app/accounting/usage_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include <spdlog/sinks/ostream_sink.h>

#include "net/errc.hpp"
#include "test/support/run.hpp"
#include "test/support/websocket_frames.hpp"
#include "test/usage/compress.hpp"

namespace {

using mitm::exchange_outcome;
using support::websocket::from_client;
using support::websocket::text;

constexpr std::string_view request_text = "POST /v1/messages HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n";
constexpr std::string_view response_text =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n";
constexpr std::string_view answer =
    R"({"id":"msg_1","model":"claude-x","usage":{"input_tokens":11,"output_tokens":5}})";

class usage_recorder : public testing::Test {
 protected:
  std::unique_ptr<mitm::exchange_tap> begin() {
    connection_ = recorder_.on_intercepted({{}, {}, "api.anthropic.com"});
    return connection_->on_request(*net::wire::parse_request_head(request_text));
  }

  void respond(mitm::exchange_tap& tap) {
    tap.on_request_body(R"({"model":"claude-alias"})");
    tap.on_request_end();
    tap.on_response(*net::wire::parse_response_head(response_text));
  }

  std::unique_ptr<mitm::tunnel_tap> open_socket(const std::string& path) {
    connection_ = recorder_.on_intercepted({{}, {}, "api.openai.com"});
    const auto tap = connection_->on_request(*net::wire::parse_request_head(
        "GET " + path + " HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"));
    tap->on_request_end();
    tap->on_response(*net::wire::parse_response_head("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n"));
    auto socket = tap->on_tunnel();
    tap->on_end(exchange_outcome::complete, "");
    return socket;
  }

  void write_log() {
    log_.~logger();  // writes what is queued
    new (&log_) app::logger(app::log_level::info, app::log_format::json,
                            std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_));
  }
  std::size_t count_lines(std::string_view what) const {
    std::size_t found = 0;
    std::istringstream lines(lines_.str());
    for (std::string line; std::getline(lines, line);) found += line.find(what) != std::string::npos;
    return found;
  }

  std::vector<usage::usage_record> rows_;
  std::vector<std::string> told_;  // as unread
  std::vector<usage::unread_note> noted_;
  std::vector<std::string> limits_;  // "window/model", as they were told
  app::account_key accounts_{"secret"};
  app::metrics counters_;
  std::ostringstream lines_;
  app::logger log_{app::log_level::info, app::log_format::json,
                   std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_)};
  app::usage_recorder recorder_{
      [this](usage::usage_record&& row) {
        rows_.push_back(std::move(row));
        return true;
      },
      counters_,
      log_,
      {},
      {},
      [this](const usage::unread_note& note, bool first) {
        if (first) told_.push_back(note.host + note.path + " " + note.why);
        noted_.push_back(note);
      },
      {},
      {&accounts_, [this](usage::account_window&& told) { limits_.push_back(told.window.name + "/" + told.model); }}};
  std::unique_ptr<mitm::connection_observer> connection_;
};

TEST_F(usage_recorder, books_one_row_per_exchange_with_its_times_and_tokens) {
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

constexpr std::string_view limited_text =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n"
    "anthropic-ratelimit-unified-5h-utilization: 0.5\r\nanthropic-ratelimit-tokens-remaining: 7\r\n\r\n";

TEST_F(usage_recorder, tells_the_limits_of_an_account_at_once_and_those_of_a_model_at_the_end) {
  const auto tap = begin();
  tap->on_request_body(R"({"model":"claude-alias"})");
  tap->on_request_end();
  tap->on_response(*net::wire::parse_response_head(limited_text));
  EXPECT_EQ(limits_, std::vector<std::string>{"5h/"});
  tap->on_response_body(answer);
  tap->on_end(exchange_outcome::complete, "");
  EXPECT_EQ(limits_, (std::vector<std::string>{"5h/", "tokens/claude-alias"}));
}

TEST_F(usage_recorder, an_answer_of_our_own_tells_no_limit) {
  const auto tap = begin();
  tap->on_rewritten({"mock", "answered from a file", true});
  tap->on_request_body(R"({"model":"claude-alias"})");
  tap->on_request_end();
  tap->on_response(*net::wire::parse_response_head(limited_text));
  tap->on_end(exchange_outcome::complete, "");
  EXPECT_TRUE(limits_.empty());
}

TEST_F(usage_recorder, the_upgrade_of_a_socket_tells_limits) {
  connection_ = recorder_.on_intercepted({{}, {}, "chatgpt.com"});
  const auto tap = connection_->on_request(*net::wire::parse_request_head(
      "GET /backend-api/codex/responses HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"));
  tap->on_request_end();
  tap->on_response(*net::wire::parse_response_head(
      "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nx-codex-primary-used-percent: 3\r\n\r\n"));
  tap->on_end(exchange_outcome::complete, "");
  EXPECT_EQ(limits_, std::vector<std::string>{"codex primary/"});
}

TEST_F(usage_recorder, books_what_rules_did_to_the_request) {
  const auto tap = begin();
  tap->on_rewritten({"cheaper", "model a -> b", false});
  respond(*tap);
  tap->on_response_body(answer);
  tap->on_end(exchange_outcome::complete, "");
  EXPECT_EQ(rows_.at(0).rules, "cheaper");
  EXPECT_EQ(rows_.at(0).rewrite, "model a -> b");
  EXPECT_EQ(rows_.at(0).tokens.output_total, 5);
}

TEST_F(usage_recorder, books_an_answer_of_our_own_as_one_that_spent_nothing) {
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

TEST_F(usage_recorder, counts_what_several_polls_tell_once) {
  const auto poll = [this](bool answered_here) {
    connection_ = recorder_.on_intercepted({{}, {}, "api.openai.com"});
    const auto tap = connection_->on_request(*net::wire::parse_request_head("GET /v1/responses/r HTTP/1.1\r\n\r\n"));
    if (answered_here) {
      mitm::rewrite_note note;
      note.answered = true;
      tap->on_rewritten(note);
    }
    tap->on_request_end();
    tap->on_response(*net::wire::parse_response_head(response_text));
    tap->on_response_body(
        R"({"id":"r","status":"completed","model":"m","usage":{"input_tokens":70,"output_tokens":7}})");
    tap->on_end(exchange_outcome::complete, "");
  };
  poll(false);
  poll(false);
  poll(true);
  ASSERT_EQ(rows_.size(), 3u);
  EXPECT_EQ(rows_[1].kind, usage::call_kind::model) << "the ledger knows whether it is";
  EXPECT_EQ(rows_[2].kind, usage::call_kind::other) << "what we said ourselves is no call";
  EXPECT_THAT(counters_.render({}),
              testing::ContainsRegex("gen_ai_client_token_usage_sum\\{[^}]*\"input\"[^}]*\\} 70\n"));
}

TEST_F(usage_recorder, books_an_answer_that_was_cut_as_interrupted) {
  const auto tap = begin();
  respond(*tap);
  tap->on_response_body(answer.substr(0, 40));
  tap->on_end(exchange_outcome::upstream_aborted, "reset");
  EXPECT_EQ(rows_.at(0).status, usage::record_status::interrupted);
}

TEST_F(usage_recorder, books_an_origin_out_of_reach_as_an_error_with_its_cause) {
  const auto tap = begin();
  tap->on_end(exchange_outcome::failed, "upstream_refused");
  EXPECT_EQ(rows_.at(0).status, usage::record_status::error);
  EXPECT_EQ(rows_.at(0).error_reason, "upstream_refused");
  EXPECT_EQ(rows_.at(0).http_status, 0u);
}

TEST_F(usage_recorder, books_a_timeout_before_any_answer_as_an_error_and_afterwards_as_interrupted) {
  begin()->on_end(exchange_outcome::timed_out, "upstream_timeout");
  EXPECT_EQ(rows_.at(0).status, usage::record_status::error);
  EXPECT_EQ(rows_.at(0).error_reason, "upstream_timeout");
  const auto tap = begin();
  respond(*tap);
  tap->on_end(exchange_outcome::timed_out, "upstream_timeout");
  EXPECT_EQ(rows_.at(1).status, usage::record_status::interrupted);
}

TEST_F(usage_recorder, does_not_count_an_exchange_as_parsed_that_the_tap_lost) {
  const auto tap = begin();
  respond(*tap);
  tap->on_response_body(answer);
  tap->on_end(exchange_outcome::detached, "malformed");
  EXPECT_EQ(counters_.interception().exchanges_seen, 1u);
  EXPECT_EQ(counters_.interception().exchanges_parsed, 0u);
}

TEST_F(usage_recorder, names_a_client_that_does_not_trust_the_ca_once_per_host) {
  const mitm::client_program agent{1000, "/usr/bin/agent"};
  recorder_.on_rejected({"api.anthropic.com", agent, "unknown ca", true, false});
  recorder_.on_rejected({"api.anthropic.com", agent, "unknown ca", false, false});
  recorder_.on_rejected({"api.anthropic.com", agent, "unknown ca", false, true});
  write_log();
  EXPECT_EQ(count_lines("does not trust the CA: it refused"), 1u);
  EXPECT_EQ(count_lines("is bypassed at this host for a while"), 1u);
  EXPECT_EQ(count_lines("/usr/bin/agent of uid 1000"), 2u);
}

TEST_F(usage_recorder, says_once_per_host_and_reason_that_traffic_is_not_read_and_counts_all_of_it) {
  const mitm::connection_facts named{{}, {}, "api.openai.com"};
  const mitm::connection_facts unnamed{{}, {boost::asio::ip::make_address("192.0.2.1"), 443}, ""};
  for (int i = 0; i < 3; ++i) recorder_.on_unread(named, mitm::unread::bypassed);
  recorder_.on_unread(named, mitm::unread::tls);
  recorder_.on_unread(unnamed, mitm::unread::client_hello);
  const auto rows = counters_.unread();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(noted_.size(), 5u);
  EXPECT_EQ(noted_[4].host, "192.0.2.1:443") << "where no name is known";
  const auto bypassed = std::ranges::find(rows, "bypassed", &usage::unread_note::why);
  ASSERT_NE(bypassed, rows.end());
  EXPECT_EQ(bypassed->connections, 3);
  EXPECT_THAT(told_,
              testing::ElementsAre("api.openai.com bypassed", "api.openai.com tls", "192.0.2.1:443 client_hello"));
  write_log();
  EXPECT_EQ(count_lines("pass without being read"), 3u);
}

TEST_F(usage_recorder, names_the_program_that_is_bypassed_in_printable_words_of_some_length) {
  recorder_.on_unread({{}, {}, "api.openai.com", "/usr/bin/java\n of uid 7"}, mitm::unread::bypassed);
  recorder_.on_unread({{}, {}, "api.openai.com", std::string(9000, 'x')}, mitm::unread::bypassed);
  ASSERT_EQ(noted_.size(), 2u);
  EXPECT_EQ(noted_[0].why, "bypassed");
  EXPECT_THAT(noted_[0].program, testing::StartsWith("/usr/bin/java"));
  EXPECT_EQ(noted_[0].program.find('\n'), std::string::npos);
  EXPECT_LE(noted_[1].program.size(), usage::max_unread_program + 8);
  EXPECT_EQ(counters_.unread().size(), 2u) << "one for each program";
}

TEST_F(usage_recorder, says_that_a_connection_went_on_in_another_protocol) {
  const auto tap = begin();
  tap->on_request_end();
  tap->on_response(*net::wire::parse_response_head("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"));
  EXPECT_THAT(told_, testing::ElementsAre("api.anthropic.com/v1/messages upgraded"));
}

TEST_F(usage_recorder, adds_the_bytes_of_a_connection_that_was_not_read_at_its_end) {
  mitm::session_report report;
  report.facts.host = "api.openai.com";
  recorder_.on_unread(report.facts, mitm::unread::bypassed);
  EXPECT_EQ(counters_.unread().at(0).bytes, std::nullopt);
  report.not_read = mitm::unread::bypassed;
  report.bytes_up = 30;
  report.bytes_down = 12;
  recorder_.on_session_end(report);
  ASSERT_EQ(counters_.unread().size(), 1u);
  EXPECT_EQ(counters_.unread()[0].connections, 1);
  EXPECT_EQ(counters_.unread()[0].bytes, 42);
}

TEST_F(usage_recorder, says_that_the_tap_of_a_connection_gave_up) {
  recorder_.on_detached({{}, {}, "api.openai.com"}, "a malformed frame");
  EXPECT_THAT(told_, testing::ElementsAre("api.openai.com detached"));
  EXPECT_EQ(noted_.at(0).bytes, std::nullopt);
}

TEST_F(usage_recorder, books_each_turn_of_a_websocket_as_it_ends) {
  const auto socket = open_socket("/v1/responses");
  ASSERT_NE(socket, nullptr);
  EXPECT_EQ(rows_.size(), 1u) << "the request that opened it";
  EXPECT_EQ(rows_[0].kind, usage::call_kind::other);
  for (int turn = 1; turn <= 2; ++turn) {
    socket->on_bytes(mitm::side::downstream, text(R"({"type":"response.create","model":"m"})", from_client({})));
    socket->on_bytes(mitm::side::upstream, text(R"({"type":"response.completed","response":{"id":"r",)"
                                                R"("usage":{"input_tokens":4,"output_tokens":2}}})"));
    ASSERT_EQ(rows_.size(), 1u + turn) << "while the socket goes on";
    EXPECT_EQ(rows_.back().tokens.output_total, 2);
    EXPECT_EQ(rows_.back().transport, usage::transport::websocket);
    EXPECT_GT(rows_.back().started_at, 1'600'000'000'000);
  }
  socket->on_bytes(mitm::side::downstream, text(R"({"type":"response.create","model":"m"})", from_client({})));
  socket->on_end(exchange_outcome::upstream_aborted, "");
  EXPECT_EQ(rows_.back().status, usage::record_status::interrupted);
  EXPECT_TRUE(told_.empty());
}

TEST_F(usage_recorder, says_that_a_websocket_is_not_read_or_no_longer) {
  open_socket("/v1/other");
  EXPECT_THAT(told_, testing::ElementsAre("api.openai.com/v1/other websocket"));
  told_.clear();
  open_socket("/v1/responses")->on_bytes(mitm::side::upstream, "no frame");
  write_log();
  EXPECT_EQ(count_lines("whose server's messages cannot be followed"), 1u);
}

/// A WebSocket of the Responses API.
class socket_recorder : public usage_recorder {
 protected:
  socket_recorder() {
    connection_ = recorder_.on_intercepted({{}, {}, "api.openai.com"});
    const auto tap = connection_->on_request(*net::wire::parse_request_head(
        "GET /v1/responses HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
    tap->on_request_end();
    tap->on_response(*net::wire::parse_response_head("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    socket_ = tap->on_tunnel();
    tap->on_end(exchange_outcome::complete, "");
    rows_.clear();
  }

  void client(std::string_view text) {
    socket_->on_bytes(mitm::side::downstream, support::websocket::text(text, support::websocket::from_client({})));
  }
  void server(std::string_view text) { socket_->on_bytes(mitm::side::upstream, support::websocket::text(text)); }

  std::unique_ptr<mitm::tunnel_tap> socket_;
};

constexpr std::string_view completed =
    R"({"type":"response.completed","response":{"id":"r","usage":{"input_tokens":90,"output_tokens":20}}})";

TEST_F(socket_recorder, books_a_turn_at_its_terminal_event_while_the_socket_goes_on) {
  client(R"({"type":"response.create","model":"gpt-5"})");
  EXPECT_TRUE(rows_.empty());
  server(completed);
  ASSERT_EQ(rows_.size(), 1u);
  EXPECT_EQ(rows_[0].tokens.input_total(), 90);
  client(R"({"type":"response.create","model":"gpt-5"})");
  server(completed);
  EXPECT_EQ(rows_.size(), 2u);
}

TEST_F(socket_recorder, books_what_rules_did_to_the_message_of_a_turn) {
  socket_->on_rewritten({"cheaper", "model a -> b", false});
  client(R"({"type":"response.create","model":"b"})");
  server(completed);
  socket_->on_rewritten({"no", "block", true});
  client(R"({"type":"response.create","model":"c"})");
  server(R"({"type":"error","status":403,"error":{"type":"invalid_request_error","code":"blocked_by_rule"}})");
  ASSERT_EQ(rows_.size(), 2u);
  EXPECT_EQ(rows_[0].rules, "cheaper");
  EXPECT_EQ(rows_[0].rewrite, "model a -> b");
  EXPECT_EQ(rows_[0].tokens.output_total, 20);
  EXPECT_EQ(rows_[1].rules, "no");
  EXPECT_EQ(rows_[1].http_status, 403u);
  EXPECT_EQ(rows_[1].tokens.output_total, std::nullopt);
}

TEST_F(usage_recorder, books_and_says_an_answer_that_decodes_to_too_much) {
  const auto tap = begin();
  tap->on_request_end();
  tap->on_response(*net::wire::parse_response_head(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n"));
  tap->on_response_body(usage::compress::gzip(std::string(64 << 20, ' ')));
  tap->on_end(exchange_outcome::complete, "");
  EXPECT_EQ(rows_.at(0).status, usage::record_status::not_read);
  EXPECT_THAT(told_, testing::ElementsAre("api.anthropic.com/v1/messages body"));
  EXPECT_EQ(noted_.at(0).bytes, rows_.at(0).response_bytes);
  write_log();
  EXPECT_EQ(count_lines("limits.decoded_ratio"), 1u);
}

TEST_F(usage_recorder, says_once_per_host_and_kind_that_answers_are_against_the_standards) {
  const auto answered = [this](const std::string& fields, std::string_view body) {
    const auto tap = begin();
    tap->on_request_end();
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + fields + "\r\n";
    tap->on_response(*net::wire::parse_response_head(head));
    tap->on_response_body(body);
    tap->on_end(exchange_outcome::complete, "");
  };
  for (int i = 0; i < 2; ++i) {
    answered("", "{}");
    answered("Content-Encoding: none\r\n", "{}");
    answered("", "\xef\xbb\xbf{}");
    answered("Transfer-Encoding: chunked, chunked\r\n", "{}");
  }
  EXPECT_EQ(rows_.size(), 8u);
  EXPECT_TRUE(told_.empty()) << "they were read";
  write_log();
  EXPECT_EQ(count_lines("is against the standards"), 3u);
  EXPECT_EQ(count_lines("a content coding that is none"), 1u);
  EXPECT_EQ(count_lines("a byte order mark before JSON"), 1u);
  EXPECT_EQ(count_lines("chunked twice"), 1u);
}

TEST_F(usage_recorder, logs_failed_handshakes_once_per_host_program_and_cause) {
  mitm::session_report report;
  report.facts.host = "api.openai.com";
  const auto fail = [&](std::string executable, net::errc code) {
    report.program = {1000, std::move(executable)};
    report.failure = net::failure{net::failure::side_of::downstream, net::failure::phase_of::handshake, code, ""};
    recorder_.on_session_end(report);
  };
  for (int i = 0; i < 5; ++i) fail("/usr/bin/agent", net::errc::certificate_rejected);
  for (int i = 0; i < 5; ++i) fail("/usr/bin/browser", net::errc::certificate_rejected);
  for (int i = 0; i < 5; ++i) fail("/usr/bin/agent", net::errc::truncated);
  write_log();
  EXPECT_EQ(count_lines("session failed"), 3u);
  EXPECT_EQ(count_lines("/usr/bin/browser"), 1u);
}

TEST_F(usage_recorder, tells_the_program_of_a_connection) {
  const auto program = [this](app::usage_recorder::process_source who) {
    app::usage_recorder recorder([](usage::usage_record&&) { return true; }, counters_, log_, {}, std::move(who));
    const auto connection = recorder.on_intercepted({{}, {}, "api.anthropic.com"});
    net::worker_pool pool(1);
    return test::run(pool, program_of(*connection));
  };
  const auto made_by = [](std::optional<std::int64_t> uid, std::string executable) {
    return [uid, executable](const mitm::connection_facts&) {
      auto lookup = std::make_shared<app::process_lookup>();
      lookup->answer({.pid = 1, .uid = uid, .executable = executable, .cgroup = ""});
      return lookup;
    };
  };
  using mitm::client_program;
  EXPECT_EQ(program(made_by(1000, "/usr/bin/agent")), (client_program{1000, "/usr/bin/agent"}));
  EXPECT_EQ(program(made_by(0, "")), (client_program{0, ""}));
  EXPECT_EQ(program(made_by(65'534, "/usr/bin/agent")), (client_program{std::nullopt, "/usr/bin/agent"}))
      << "any user that has no number in our namespace";
  EXPECT_EQ(program({}), client_program{});
}

}  // namespace
