#pragma once

// One GET to the running service, for `zerogravity usage`. Blocks; the command has nothing else to do.

#include <chrono>
#include <string>

#include <boost/system/result.hpp>

#include "app/command_line.hpp"
#include "app/config.hpp"

namespace app {

struct service_request {
  std::string url;                          // "http://127.0.0.1:8741"; a path in front of the target is not supported
  std::string target;                       // "/v1/usage?group_by=model"
  std::string key;                          // empty: none
  std::chrono::milliseconds limit{10'000};  // for all of it
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

/// Where the service of this configuration is reached from this machine.
std::string service_url(const config& values);

/// /v1/usage with the parameters of the command line.
std::string usage_target(const usage_command& command);

}  // namespace app
