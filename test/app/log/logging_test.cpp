#include "app/log/logging.hpp"

#include <future>
#include <sstream>

#include <gmock/gmock.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <boost/asio/error.hpp>
#include <boost/json.hpp>

namespace app {
namespace {

namespace asio = boost::asio;

using testing::HasSubstr;

/// What `use` logs, whole: the log is destroyed, and so written, before.
template <class F>
std::string logged(log_level level, log_format format, F use) {
  std::ostringstream out;
  {
    logger log(level, format, std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
    use(log);
  }
  return out.str();
}

mitm::session_report report() {
  mitm::session_report made;
  made.facts.host = "api.test";
  made.facts.destination = {asio::ip::make_address("2001:db8::1"), 443};
  made.handling = mitm::handling::intercepted;
  made.bytes_up = 12;
  made.bytes_down = 34;
  made.reused_upstream = true;
  made.duration = std::chrono::milliseconds(56);
  return made;
}

boost::json::value line_of(const mitm::session_report& ended) {
  return boost::json::parse(
      logged(log_level::info, log_format::json, [&](logger& log) { log_session_end(log, ended); }));
}

TEST(logging, json_lines_are_written_as_they_are_made) {
  const auto text = logged(log_level::info, log_format::json, [](logger& log) {
    log.info("ready {}", {{"api", "127.0.0.1:1"}});
    log.warn("second");
  });
  const auto end = text.find('\n');
  EXPECT_EQ(boost::json::parse(text.substr(0, end)).at("msg"), "ready {}");
  EXPECT_EQ(boost::json::parse(text.substr(end + 1)).at("level"), "warn");
}

TEST(logging, text_lines_begin_with_time_and_level) {
  const auto text =
      logged(log_level::info, log_format::text, [](logger& log) { log.error("it broke", {{"why", "no"}}); });
  EXPECT_THAT(text, testing::MatchesRegex("[0-9-]+ [0-9:.]+ error +it broke why=no\n"));
}

/// A standard error that nobody reads: a write to it does not return while the gate is shut.
class stuck_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit stuck_sink(std::shared_future<void> gate) : gate_(std::move(gate)) {}

 private:
  void sink_it_(const spdlog::details::log_msg&) override { gate_.wait(); }
  void flush_() override {}

  std::shared_future<void> gate_;
};

TEST(logging, a_log_that_nobody_reads_does_not_hold_its_owner_and_what_is_lost_is_counted) {
  std::promise<void> gate;
  {
    logger log(log_level::info, log_format::json, std::make_shared<stuck_sink>(gate.get_future().share()));
    for (std::size_t i = 0; i < logger::queue_lines + 100; ++i) log.info("unread");
    EXPECT_GE(log.lost_lines(), 99u);
    EXPECT_LE(log.lost_lines(), 100u);
  }  // would never come back
  gate.set_value();
}

TEST(logging, lines_below_the_level_are_not_written_and_a_reload_can_change_it) {
  EXPECT_EQ(logged(log_level::warn, log_format::text, [](logger& log) { log.info("quiet"); }), "");
  EXPECT_THAT(logged(log_level::warn, log_format::text,
                     [](logger& log) {
                       log.set_level(log_level::info);
                       log.info("loud");
                     }),
              HasSubstr("loud"));
}

TEST(logging, a_session_that_ended_well_says_what_it_was) {
  const auto line = line_of(report());
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("side"), "none");
  EXPECT_EQ(line.at("cause"), "closed");
  EXPECT_EQ(line.at("handling"), "intercepted");
  EXPECT_EQ(line.at("host"), "api.test");
  EXPECT_EQ(line.at("destination"), "[2001:db8::1]:443");
  EXPECT_EQ(line.at("reused_upstream"), true);
  EXPECT_EQ(line.at("bytes_up"), 12);
  EXPECT_EQ(line.at("bytes_down"), 34);
  EXPECT_EQ(line.at("duration_ms"), 56);
}

TEST(logging, a_session_that_failed_names_side_phase_and_cause_and_is_as_loud_as_its_side) {
  using failure = net::failure;
  const std::pair<failure::side_of, const char*> cases[] = {{failure::side_of::downstream, "info"},
                                                            {failure::side_of::upstream, "warn"},
                                                            {failure::side_of::internal, "error"}};
  for (const auto& [side, level] : cases) {
    auto failed = report();
    failed.failure = failure{side, failure::phase_of::connect, asio::error::timed_out, "in 10 s"};
    const auto line = line_of(failed);
    EXPECT_EQ(line.at("level"), level);
    EXPECT_EQ(line.at("side").as_string(), net::to_string(side));
    EXPECT_EQ(line.at("phase"), "connect");
    EXPECT_EQ(line.at("cause").as_string(), boost::system::error_code(asio::error::timed_out).message() + ": in 10 s");
  }
}

}  // namespace
}  // namespace app
