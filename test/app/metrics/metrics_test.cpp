#include "app/metrics/metrics.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>

namespace app {
namespace {

/// A strict reader of the text exposition format 0.0.4: throws on what a scraper could stumble over.
class scraped {
 public:
  explicit scraped(const std::string& text) {
    if (!text.ends_with('\n')) throw std::runtime_error("the last line does not end");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read(line);
    for (const auto& [series, last] : bucket_) {
      if (!std::isinf(last.bound)) throw std::runtime_error("no +Inf bucket: " + series);
      if (values_.at(last.count_series) != last.count) throw std::runtime_error("_count is not +Inf: " + series);
    }
  }

  double at(const std::string& series) const { return values_.at(series); }
  bool has(const std::string& series) const { return values_.contains(series); }
  std::size_t size() const { return values_.size(); }
  const std::map<std::string, std::string>& types() const { return types_; }

 private:
  using labels = std::vector<std::pair<std::string, std::string>>;
  struct bucket_state {
    double bound;
    double count;
    std::string count_series;
  };

  [[noreturn]] static void refuse(const std::string& line) { throw std::runtime_error("not exposition: " + line); }

  static bool is_name(std::string_view text, bool colon) {
    if (text.empty() || (std::isdigit(static_cast<unsigned char>(text.front())) != 0)) return false;
    return std::ranges::all_of(text,
                               [&](unsigned char c) { return std::isalnum(c) || c == '_' || (colon && c == ':'); });
  }

  void read(const std::string& line) {
    if (line.starts_with("# HELP ")) {
      family_ = line.substr(7, line.find(' ', 7) - 7);
      if (!is_name(family_, true) || !helped_.insert(family_).second) refuse(line);
    } else if (line.starts_with("# TYPE ")) {
      const auto space = line.find(' ', 7);
      if (line.substr(7, space - 7) != family_ || types_.contains(family_)) refuse(line);
      types_[family_] = line.substr(space + 1);
    } else {
      read_sample(line);
    }
  }

  static labels read_labels(const std::string& line, std::size_t& at) {
    labels all;
    std::set<std::string> names;
    while (line.at(at) != '}') {
      const auto equals = line.find('=', at);
      const auto name = line.substr(at, equals - at);
      if (!is_name(name, false) || !names.insert(name).second || line.at(equals + 1) != '"') refuse(line);
      std::string value;
      for (at = equals + 2; line.at(at) != '"'; ++at) {
        if (line[at] == '\\' && std::string_view("\\\"n").find(line.at(++at)) == std::string_view::npos) refuse(line);
        value += line[at];
      }
      all.emplace_back(name, value);
      if (line.at(++at) == ',') ++at;
    }
    ++at;
    return all;
  }

  void read_sample(const std::string& line) {
    auto at = line.find_first_of("{ ");
    const auto name = line.substr(0, at);
    labels with;
    if (line.at(at) == '{') with = read_labels(line, ++at);
    if (line.at(at) != ' ') refuse(line);
    std::size_t used = 0;
    const auto number = line.substr(at + 1);
    const double value = std::stod(number, &used);
    if (used != number.size() || !is_name(name, true)) refuse(line);
    check_family(name, line);
    if (!values_.emplace(line.substr(0, at), value).second) throw std::runtime_error("twice: " + line);
    if (name == family_ + "_bucket") check_bucket(with, value, line);
  }

  void check_family(const std::string& name, const std::string& line) const {
    const auto& type = types_.at(family_);
    const auto suffix = name.starts_with(family_) ? name.substr(family_.size()) : "?";
    const bool fits =
        type == "histogram" ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count" : suffix.empty();
    const bool named = (type == "counter") == family_.ends_with("_total");
    if (!fits || !named) refuse(line);
  }

  void check_bucket(const labels& with, double count, const std::string& line) {
    if (with.empty() || with.back().first != "le") refuse(line);
    std::string rest;
    for (std::size_t i = 0; i + 1 < with.size(); ++i) {
      rest += (rest.empty() ? "" : ",") + with[i].first + "=\"" + with[i].second + '"';
    }
    const double bound = std::stod(with.back().second);
    const auto series = family_ + '{' + rest + '}';
    const auto before = bucket_.find(series);
    if (before != bucket_.end() && (before->second.bound >= bound || before->second.count > count)) refuse(line);
    bucket_[series] = {bound, count, family_ + "_count" + (rest.empty() ? "" : '{' + rest + '}')};
  }

  std::string family_;
  std::set<std::string> helped_;
  std::map<std::string, std::string> types_;
  std::map<std::string, double> values_;
  std::map<std::string, bucket_state> bucket_;
};

usage::usage_record model_call(std::string model) {
  usage::usage_record record;
  record.provider = usage::provider::anthropic;
  record.kind = usage::call_kind::model;
  record.status = usage::record_status::complete;
  record.served_model = std::move(model);
  record.streamed = true;
  record.tokens.input_uncached = 100;
  record.tokens.cache_read = 20;
  record.tokens.output_total = 7;
  record.first_byte_ms = 250;
  record.duration_ms = 1500;
  return record;
}

std::string labels_of(std::string_view model, std::string_view provider = "anthropic") {
  return "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"" + std::string(provider) +
         "\",gen_ai_response_model=\"" + std::string(model) + '"';
}

TEST(metrics, a_fresh_service_renders_every_family_at_zero) {
  const metrics counted;
  const scraped text(counted.render({}));
  for (const char* family :
       {"zerogravity_connections_total", "zerogravity_session_failures_total", "zerogravity_exchanges_total",
        "zerogravity_exchanges_seen_total", "zerogravity_exchanges_parsed_total",
        "zerogravity_exchanges_attributed_total", "zerogravity_tap_detached_total", "zerogravity_bytes_total",
        "zerogravity_leaves_minted_total", "zerogravity_ledger_committed_total", "zerogravity_ledger_dropped_total"}) {
    EXPECT_EQ(text.types().at(family), "counter") << family;
  }
  EXPECT_EQ(text.types().at("zerogravity_connections_open"), "gauge");
  EXPECT_EQ(text.types().at("zerogravity_ledger_queued"), "gauge");
  for (const char* family : {"gen_ai_client_token_usage", "gen_ai_client_operation_duration_seconds",
                             "gen_ai_server_time_to_first_token_seconds"}) {
    EXPECT_EQ(text.types().at(family), "histogram") << family;
  }
  EXPECT_EQ(text.at("zerogravity_session_failures_total{side=\"upstream\",phase=\"handshake\"}"), 0);
}

TEST(metrics, sessions_count_by_handling_failure_and_bytes) {
  metrics counted;
  mitm::session_report report;
  report.handling = mitm::handling::spliced;
  report.bytes_up = 10;
  report.bytes_down = 20;
  counted.session_ended(report);
  report.reused_upstream = true;
  report.failure = net::failure{net::failure::side_of::upstream, net::failure::phase_of::connect, {}, {}};
  counted.session_ended(report);
  counted.tap_detached();
  const scraped text(counted.render({}));
  EXPECT_EQ(text.at("zerogravity_connections_total{decision=\"spliced\"}"), 2);
  EXPECT_EQ(text.at("zerogravity_connections_total{decision=\"intercepted\"}"), 0);
  EXPECT_EQ(text.at("zerogravity_session_failures_total{side=\"upstream\",phase=\"connect\"}"), 1);
  EXPECT_EQ(text.at("zerogravity_upstreams_reused_total"), 1);
  EXPECT_EQ(text.at("zerogravity_bytes_total{direction=\"up\"}"), 20);
  EXPECT_EQ(text.at("zerogravity_bytes_total{direction=\"down\"}"), 40);
  EXPECT_EQ(text.at("zerogravity_tap_detached_total"), 1);
  EXPECT_EQ(counted.interception().connections, 2u);
}

TEST(metrics, an_exchange_counts_once_and_fills_the_histograms_of_its_model) {
  metrics counted;
  counted.exchange_seen(1000);
  counted.exchange_seen(900);
  auto record = model_call("claude");
  record.conversation = "c";
  counted.exchange_ended(record, true);
  const scraped text(counted.render({}));
  EXPECT_EQ(text.at("zerogravity_exchanges_total{provider=\"anthropic\",status=\"complete\"}"), 1);
  EXPECT_EQ(text.at("zerogravity_exchanges_seen_total"), 2);
  EXPECT_EQ(text.at("zerogravity_exchanges_parsed_total"), 1);
  EXPECT_EQ(text.at("zerogravity_exchanges_attributed_total"), 1);
  const auto labels = labels_of("claude");
  EXPECT_EQ(text.at("gen_ai_client_token_usage_sum{" + labels + ",gen_ai_token_type=\"input\"}"), 120);
  EXPECT_EQ(text.at("gen_ai_client_token_usage_sum{" + labels + ",gen_ai_token_type=\"output\"}"), 7);
  EXPECT_EQ(text.at("gen_ai_client_operation_duration_seconds_sum{" + labels + "}"), 1.5);
  EXPECT_EQ(text.at("gen_ai_server_time_to_first_token_seconds_sum{" + labels + "}"), 0.25);
  EXPECT_EQ(counted.interception().last_exchange_at, 1000);
}

TEST(metrics, what_was_not_reported_is_not_recorded_as_zero) {
  metrics counted;
  auto record = model_call("claude");
  record.tokens = {};
  record.streamed = false;
  record.duration_ms.reset();
  counted.exchange_ended(record, false);
  record = model_call("claude");
  record.kind = usage::call_kind::count_tokens;
  counted.exchange_ended(record, true);
  EXPECT_THAT(counted.render({}), testing::Not(testing::HasSubstr("claude")));
}

TEST(metrics, both_openai_dialects_are_one_provider_of_the_semantic_conventions) {
  metrics counted;
  for (const auto provider : {usage::provider::openai_chat, usage::provider::openai_responses}) {
    auto record = model_call("gpt");
    record.provider = provider;
    counted.exchange_ended(record, true);
    record.served_model.clear();
    counted.exchange_ended(record, true);
  }
  const scraped text(counted.render({}));
  EXPECT_EQ(text.at("gen_ai_client_operation_duration_seconds_count{" + labels_of("gpt", "openai") + "}"), 2);
  EXPECT_EQ(text.at("gen_ai_client_operation_duration_seconds_count{" + labels_of("other", "openai") + "}"), 2);
  EXPECT_EQ(text.at("zerogravity_exchanges_total{provider=\"openai_responses\",status=\"complete\"}"), 2);
}

TEST(metrics, models_beyond_the_bound_share_one_label_and_the_page_stops_growing) {
  metrics counted;
  for (std::size_t i = 0; i < metrics::max_models; ++i)
    counted.exchange_ended(model_call("m" + std::to_string(i)), true);
  counted.exchange_ended(model_call("one too many"), true);
  const auto size = scraped(counted.render({})).size();
  for (int i = 0; i < 1000; ++i) counted.exchange_ended(model_call("n" + std::to_string(i)), true);
  counted.exchange_ended(model_call("m0"), true);
  const scraped text(counted.render({}));
  EXPECT_EQ(text.size(), size);
  EXPECT_EQ(text.at("gen_ai_client_operation_duration_seconds_count{" + labels_of("other") + "}"), 1001);
  EXPECT_EQ(text.at("gen_ai_client_operation_duration_seconds_count{" + labels_of("m0") + "}"), 2);
}

TEST(metrics, a_model_name_from_the_wire_cannot_break_the_page) {
  metrics counted;
  counted.exchange_ended(model_call("a\"} 1\nevil{x=\"\\"), true);
  counted.exchange_ended(model_call(std::string(metrics::max_model_name + 1, 'x')), true);
  counted.exchange_ended(model_call("caf\xc3\xa9 \xff"), true);
  const auto page = counted.render({});
  const scraped text(page);
  EXPECT_TRUE(text.has("gen_ai_client_operation_duration_seconds_count{" + labels_of("other") + "}"));
  EXPECT_EQ(page.find('\xff'), std::string::npos);
}

TEST(metrics, readings_of_other_parts_appear_as_given) {
  const metrics counted;
  const scraped text(counted.render({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, {}}));
  EXPECT_EQ(text.at("zerogravity_connections_open"), 1);
  EXPECT_EQ(text.at("zerogravity_leaves_minted_total"), 2);
  EXPECT_EQ(text.at("zerogravity_bypassed_hosts"), 3);
  EXPECT_EQ(text.at("zerogravity_ledger_queued"), 4);
  EXPECT_EQ(text.at("zerogravity_ledger_committed_total"), 5);
  EXPECT_EQ(text.at("zerogravity_ledger_dropped_total"), 6);
  EXPECT_EQ(text.at("zerogravity_log_lines_lost_total"), 7);
  EXPECT_EQ(text.at("zerogravity_rows_placed_late_total"), 8);
  EXPECT_EQ(text.at("zerogravity_rows_disputed"), 9);
  EXPECT_EQ(text.at("zerogravity_evidence_forgotten_total{what=\"rows\"}"), 10);
  EXPECT_EQ(text.at("zerogravity_evidence_forgotten_total{what=\"ids\"}"), 11);
  EXPECT_EQ(text.at("zerogravity_ledger_notes_dropped_total"), 12);
}

usage::unread_note not_read(std::string host, std::string path, std::int64_t at, std::int64_t connections = 1) {
  return {std::move(host), std::move(path), "upgraded", connections, {}, at, at};
}

TEST(metrics, what_was_not_read_is_counted_by_reason_and_listed_by_host_and_path) {
  constexpr auto why = mitm::unread::upgraded;
  metrics counted;
  EXPECT_TRUE(counted.not_read(not_read("api.openai.com", "/v1/realtime", 1000), why));
  EXPECT_FALSE(counted.not_read(not_read("api.openai.com", "/v1/realtime", 2000), why));
  EXPECT_TRUE(counted.not_read(not_read("api.openai.com", "/v1/responses", 1500), why));
  auto bytes = not_read("api.openai.com", "/v1/realtime", 1700, 0);
  bytes.bytes = 40;
  EXPECT_FALSE(counted.not_read(bytes, why)) << "it is of a connection that was told before";
  EXPECT_EQ(scraped(counted.render({})).at("zerogravity_not_read_total{reason=\"upgraded\"}"), 3);
  EXPECT_EQ(counted.unread(),
            (std::vector<usage::unread_note>{{"api.openai.com", "/v1/realtime", "upgraded", 2, 40, 1000, 2000},
                                             not_read("api.openai.com", "/v1/responses", 1500)}));
}

TEST(metrics, of_too_many_hosts_the_rest_is_one) {
  metrics counted;
  for (std::size_t i = 0; i < usage::max_unread_entries + 10; ++i) {
    counted.not_read(not_read("h" + std::to_string(i), "/p", static_cast<std::int64_t>(i)), mitm::unread::upgraded);
  }
  ASSERT_EQ(counted.unread().size(), usage::max_unread_entries + 1);
  EXPECT_EQ(counted.unread().front().host, usage::further_hosts);
  EXPECT_EQ(counted.unread().front().path, "");
  EXPECT_EQ(counted.unread().front().connections, 10);
}

TEST(metrics, recording_from_many_threads_while_rendering_loses_nothing) {
  metrics counted;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&counted] {
        for (int i = 0; i < 500; ++i) counted.exchange_ended(model_call("m" + std::to_string(i % 80)), true);
      });
    }
    for (int i = 0; i < 20; ++i) EXPECT_NO_THROW(scraped{counted.render({})});
  }
  EXPECT_EQ(scraped(counted.render({})).at("zerogravity_exchanges_total{provider=\"anthropic\",status=\"complete\"}"),
            1500);
}

}  // namespace
}  // namespace app
