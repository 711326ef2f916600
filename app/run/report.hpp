#pragma once

// What a run reports at its end, on the terminal and as JSON in a file.

#include <chrono>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "app/run/command_process.hpp"
#include "app/run/passed_hosts.hpp"
#include "app/run/past_proxy.hpp"
#include "app/run/run.hpp"

namespace app::run {

struct run_facts {
  const run_command& asked;
  std::chrono::system_clock::time_point began_at;
  std::chrono::system_clock::time_point ended_at;
  int status = 0;
  run_mode mode = run_mode::private_network;
  bool over_budget = false;
  std::size_t still_running = 0;  // processes that outlived the command
  std::vector<passed_host> unwatched = {};
  std::vector<direct_program> past_proxy = {};  // mode proxy
};

/// Prints a line on stderr.
void say(const std::string& line);

/// `usage` is as /v1/usage gives it.
std::string report_text(const run_facts& facts, const boost::json::object& usage);

/// The members of `usage`, and those that describe the run.
boost::json::object report_document(const run_facts& facts, boost::json::object usage);

/// Replaces the file's content. False, with a line on stderr, if that fails.
bool write_report(const run_facts& facts, const boost::json::object& usage);

}  // namespace app::run
