#pragma once

// Requests to the running service, for the commands that ask it. Each blocks; the command has nothing else to do.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "app/client/service_answer.hpp"
#include "app/client/usage_command.hpp"
#include "app/config/config.hpp"

namespace app {

/// What a command shows to the service.
struct client_key {
  std::string text;  // empty: none
  /// Of the state directory's key: the user whose service it opens. Whoever else has taken the service's port does not
  /// get to see it. nullopt: the key was given for this service, wherever it is.
  std::optional<std::uint32_t> service_user{};
};

/// The configured key, or the one of the state directory if this user may read it, or none.
client_key key_for(const config& values);

struct service_request {
  std::string url;     // "http://127.0.0.1:8741" or "unix:/path"; without a path of its own
  std::string target;  // "/v1/usage?group_by=model"
  client_key key;
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

/// Where the service of this configuration is reached from this machine: by TCP, if it listens there.
std::string service_url(const config& values);

/// The command line that asks the service at `url` with curl.
std::string curl_words(const std::string& url, std::string_view target);

/// /v1/usage or, to verify, /v1/usage/reconcile with the parameters of the command line.
std::string usage_target(const usage_command& command);

}  // namespace app
