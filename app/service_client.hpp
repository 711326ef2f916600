#pragma once

// Requests to the running service, for the commands that ask it. Each blocks; the command has nothing else to do.

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "app/command_line.hpp"
#include "app/config.hpp"
#include "app/service_answer.hpp"

namespace app {

struct service_request {
  std::string url;                          // "http://127.0.0.1:8741"; a path in front of the target is not supported
  std::string target;                       // "/v1/usage?group_by=model"
  std::string key;                          // empty: none
  std::chrono::milliseconds limit{10'000};  // for all of it; of a stream, to its head
  std::string body{};                       // JSON, sent by POST; empty: a GET
};

// What anybody may send who answers in the service's place.
inline constexpr std::size_t max_answer = 16 << 20;  // bytes of an answer that is read as a whole
inline constexpr std::size_t max_line = 16 << 20;    // bytes of one line of an answer that comes by lines

/// An answer is an answer, whatever its status.
boost::system::result<service_answer, service_unreachable> fetch(const service_request& request);

/// An answer that comes line by line, each given to `on_line` when it is there, without its end. It is cut off by
/// SIGINT and SIGTERM: status 0. The answer's body is what did not come as a line: all of it with a status other than
/// 200 or a type other than the service's, else what follows the last end of a line.
boost::system::result<service_answer, service_unreachable> fetch_lines(
    const service_request& request, const std::function<void(std::string_view)>& on_line);

/// Where the service of this configuration is reached from this machine.
std::string service_url(const config& values);

std::string percent_encoded(std::string_view text);

/// /v1/usage or, to verify, /v1/usage/reconcile with the parameters of the command line.
std::string usage_target(const usage_command& command);

}  // namespace app
