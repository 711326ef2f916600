#pragma once

// Requests to the running service, for the commands that ask it. Each blocks; the command has nothing else to do.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "app/command_line.hpp"
#include "app/config.hpp"

namespace app {

struct service_request {
  std::string url;                          // "http://127.0.0.1:8741"; a path in front of the target is not supported
  std::string target;                       // "/v1/usage?group_by=model"
  std::string key;                          // empty: none
  std::chrono::milliseconds limit{10'000};  // for all of it; of a stream, to its head
  std::string body{};                       // JSON, sent by POST; empty: a GET
};

struct service_answer {
  unsigned status = 0;
  std::string body;
};

/// The service was not reached: exit_code::unreachable.
struct service_unreachable {
  std::string why;  // names the URL
};

/// An answer is an answer, whatever its status. Bodies over 64 MiB are refused.
boost::system::result<service_answer, service_unreachable> fetch(const service_request& request);

/// An answer that comes line by line, each given to `on_line` when it is there, without its end. It is cut off by
/// SIGINT and SIGTERM: status 0. The answer's body is what came with a status other than 200.
boost::system::result<service_answer, service_unreachable> fetch_lines(
    const service_request& request, const std::function<void(std::string_view)>& on_line);

/// Where the service of this configuration is reached from this machine.
std::string service_url(const config& values);

std::string percent_encoded(std::string_view text);

/// /v1/usage or, to verify, /v1/usage/reconcile with the parameters of the command line.
std::string usage_target(const usage_command& command);

}  // namespace app
