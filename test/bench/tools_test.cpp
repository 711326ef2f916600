// Runs each tool of the bench for a moment: it must end well and print figures. What they are is nobody's promise here.

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace {

std::string output_of(const std::string& arguments) {
  const std::string command = std::string(ZEROGRAVITY_BENCH) + " --json " + arguments;
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  char block[4096];
  for (std::size_t got = 0; (got = std::fread(block, 1, sizeof block, pipe)) > 0;) out.append(block, got);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return out;
}

/// The value of a figure; fails without one.
double figure(const boost::json::value& found, std::string_view name) {
  for (const auto& each : found.at("figures").as_array()) {
    if (each.at("name").as_string() == name) return each.at("value").to_number<double>();
  }
  ADD_FAILURE() << "no figure " << name << " in " << found;
  return 0;
}

TEST(bench, push_times_every_update_of_every_stream) {
  const auto found = boost::json::parse(output_of("push --streams 1,3 --rate 300 --milliseconds 100"));
  ASSERT_EQ(found.at("distributions").as_array().size(), 2u);
  EXPECT_GE(found.at("distributions").at(0).at("count").to_number<int>(), 30);
  EXPECT_GE(found.at("distributions").at(1).at("count").to_number<int>(), 30);
  EXPECT_GT(found.at("distributions").at(0).at("p50").to_number<double>(), 0.0);
  EXPECT_GT(figure(found, "bytes buffered when the reader stops"), 0.0);
}

TEST(bench, diffs_compares_the_ends_of_a_turn) {
  const auto found = boost::json::parse(output_of("diffs --diffs 1000"));
  EXPECT_GT(figure(found, "last tenth / first tenth"), 0.0);
  EXPECT_GT(figure(found, "steps of the turn"), 30.0);
}

TEST(bench, cascades_says_what_they_hold) {
  const auto found = boost::json::parse(output_of("cascades --cascades 5 --transcript 200000 --records 1"));
  EXPECT_GE(figure(found, "held, as the streams say (bytes_held)"), 1.0);
  EXPECT_GT(figure(found, "resident growth after the updates"), 0.0);
}

TEST(bench, serve_times_a_start_and_an_end) {
  const auto found = boost::json::parse(output_of("serve --starts 2"));
  EXPECT_GT(figure(found, "resident when idle"), 1.0);
  ASSERT_EQ(found.at("distributions").as_array().size(), 2u);
  EXPECT_EQ(found.at("distributions").at(0).at("count").to_number<int>(), 2);
}

/// The median of a measure for a contestant; fails without one.
double median(const boost::json::value& found, std::string_view measure, std::string_view contestant) {
  for (const auto& row : found.at("rows").as_array()) {
    if (row.at("measure").as_string() == measure)
      return row.at("values").at(contestant).at("median").to_number<double>();
  }
  ADD_FAILURE() << "no measure " << measure << " in " << found;
  return 0;
}

/// Tried by a child: this process stays where it is.
bool has_network_namespaces() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::geteuid() == 0 && ::unshare(CLONE_NEWNET) == 0 ? 0 : 1);
  int status = 1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

TEST(bench, intercept_measures_every_target_in_turns) {
  if (!has_network_namespaces()) GTEST_SKIP() << "needs root and network namespaces";
  const auto found = boost::json::parse(
      output_of("intercept --rounds 2 --milliseconds 100 --only \"events 20 streams\" --only abort"));
  for (const char* each : {"direct", "floor", "zerogravity", "no accounting"}) {
    EXPECT_GT(median(found, "event latency, 20 streams, p50", each), 0.0) << each;
    EXPECT_GT(median(found, "client gone to origin sees it, p50", each), 0.0) << each;
  }
  EXPECT_GT(median(found, "CPU per event, 20 streams", "zerogravity"), 0.0);
}

TEST(bench, intercept_compares_a_websocket_with_server_sent_events) {
  if (!has_network_namespaces()) GTEST_SKIP() << "needs root and network namespaces";
  const auto found = boost::json::parse(output_of("intercept --rounds 1 --milliseconds 100 --only websocket"));
  for (const std::string compressed : {"", ", compressed"}) {
    // There is none for zerogravity unless it has booked every turn.
    for (const char* each : {"direct", "floor", "zerogravity", "no accounting"})
      EXPECT_GT(median(found, "websocket / SSE, latency p50" + compressed, each), 0.0) << each;
    EXPECT_GT(median(found, "websocket / SSE, CPU per event" + compressed, "zerogravity"), 0.0);
  }
}

TEST(bench, intercept_has_an_origin_that_is_three_round_trips_away) {
  if (!has_network_namespaces()) GTEST_SKIP() << "needs root and network namespaces";
  if (::access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "needs tun devices";
  const auto found = boost::json::parse(output_of("intercept --rounds 1 --milliseconds 100 --only far"));
  const std::string first_byte = "first byte of a new connection, origin 20 ms away, p50";
  constexpr double connect_handshake_and_request_us = 60'000;
  EXPECT_GE(median(found, first_byte, "direct"), connect_handshake_and_request_us);
  EXPECT_GT(median(found, first_byte, "zerogravity"), 0.0);
}

TEST(bench, api_measures_direct_calls_push_and_poll_in_turns) {
  const auto found = boost::json::parse(output_of("api --rounds 1 --milliseconds 200 --streams 1,3"));
  for (const char* each : {"direct", "push", "poll"}) {
    EXPECT_GT(median(found, "first chunk of 50 chats/s, written after 0 ms, p50", each), 0.0) << each;
    EXPECT_GT(median(found, "server's write to chunk, 1 stream, p50", each), 0.0) << each;
    EXPECT_GT(median(found, "server's write to chunk, 3 streams, p99", each), 0.0) << each;
  }
  for (const char* each : {"push", "poll"}) {
    EXPECT_GT(median(found, "CPU per chunk, 3 streams", each), 0.0) << each;
    EXPECT_GT(median(found, "resident, 3 streams", each), 1.0) << each;
    EXPECT_GT(median(found, "resident when idle", each), 1.0) << each;
  }
  EXPECT_GT(median(found, "chats, 16 at once", "push"), 0.0);
  EXPECT_DOUBLE_EQ(median(found, "added to first chunk of 50 chats/s, written after 0 ms, p50", "push"),
                   median(found, "first chunk of 50 chats/s, written after 0 ms, p50", "push") -
                       median(found, "first chunk of 50 chats/s, written after 0 ms, p50", "direct"));
}

TEST(bench, run_compares_a_command_with_the_same_one_watched) {
  const auto found = boost::json::parse(output_of("run --rounds 2 --milliseconds 10"));
  for (const char* each : {"plain", "run by proxy"}) {
    EXPECT_GT(median(found, "start to end of true, p50", each), 0.0) << each;
    EXPECT_GT(median(found, "start to the command, date, p50", each), 0.0) << each;
  }
  EXPECT_GT(median(found, "added by run by proxy, p50", "run by proxy"), 0.0);
}

}  // namespace
