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
  /// The owner of the service that the state directory's key is for. The key is sent to nobody else who has taken the
  /// service's port. nullopt: the key was given for this service, whoever runs it.
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

// Limits on what a stranger in the service's place may send.
inline constexpr std::size_t max_answer = 16 << 20;  // bytes of an answer that is read as a whole
inline constexpr std::size_t max_line = 16 << 20;    // bytes of one line of an answer that comes by lines

/// An answer with any status is a success.
boost::system::result<service_answer, service_unreachable> fetch(const service_request& request);

/// Gives each line of the answer to `on_line` as it arrives, without its line end. SIGINT and SIGTERM cut it off: the
/// status is then 0. The returned body is what was not given as a line: all of it if the status is not 200 or the type
/// not the service's, else what follows the last line end.
boost::system::result<service_answer, service_unreachable> fetch_lines(
    const service_request& request, const std::function<void(std::string_view)>& on_line);

/// The URL of this configuration's service, from this machine: by TCP if it listens there.
std::string service_url(const config& values);

/// The command line that asks the service at `url` with curl.
std::string curl_words(const std::string& url, std::string_view target);

/// /v1/usage, /v1/limits or, to verify, /v1/usage/reconcile with the parameters of the command line.
std::string usage_target(const usage_command& command);

/// /v1/usage/verify, with apply=1 if the command line says so.
std::string verification_target(const usage_command& command);

}  // namespace app
