#include "app/turns/turn_refusal.hpp"

#include <boost/asio/error.hpp>

#include "app/http/error_answer.hpp"
#include "app/openai/errors.hpp"

namespace app {
namespace {

/// gRPC itself, at either end, refused the size. It uses the same code as for quotas, but a retry would fail again.
bool too_large(const cascade::rpc_failure& why) {
  return why.code == cascade::rpc_errc::resource_exhausted && why.message.find("larger than max") != std::string::npos;
}

constexpr std::string_view gone_words = "trajectory not found: ";

/// It existed when the turn looked for it.
bool cascade_is_gone(const cascade::rpc_failure& why) {
  return why.code == cascade::rpc_errc::unknown && why.message.starts_with(gone_words);
}

api_error error_of(const cascade::rpc_failure& why, bool executed) {
  using cascade::rpc_errc;
  if (why.code == rpc_errc::not_found) return openai::conversation_not_found(why.message);
  if (cascade_is_gone(why)) return openai::conversation_not_found(why.message.substr(gone_words.size()));
  if (why.code == rpc_errc::failed_precondition || why.code == rpc_errc::aborted) {
    return {409, "invalid_request_error", "conversation_busy",
            "The conversation cannot go on now: " + why.message + '.'};
  }
  if (why.code == rpc_errc::invalid_argument) return bad_request("The language server refused it: " + why.message);
  if (too_large(why)) return openai::turn_failed(500, to_string(why), {});
  if (why.code == rpc_errc::resource_exhausted) {
    return executed ? openai::turn_failed(429, why.message, {}) : openai::rate_limited(why.message);
  }
  if (why.code == boost::asio::error::timed_out) return openai::upstream_timeout();
  // The server answered and refused, so a retry would fail again.
  if (why.code.category() == cascade::rpc_category() && why.code != rpc_errc::unavailable &&
      why.code != rpc_errc::cancelled) {
    return openai::turn_failed(500, to_string(why), {});
  }
  if (executed) return openai::upstream_unreachable(to_string(why));
  return openai::language_server_unavailable();
}

}  // namespace

api_response to_response(const turn_refusal& refusal) {
  auto response = to_response(refusal.error);
  for (auto& header : openai::retry_headers(refusal.error, refusal.retry_after)) {
    response.headers.push_back(std::move(header));
  }
  return response;
}

turn_refusal refusal_of(const cascade::dispatch_refusal& why) {
  using enum cascade::dispatch_refusal::cause;
  if (why.why == busy) return {openai::rate_limited(why.message), why.retry_after};
  auto error = openai::language_server_unavailable();
  error.message += ' ' + why.message + '.';
  if (why.why == misconfigured) return {std::move(error), {}};
  return {std::move(error), why.retry_after};
}

turn_refusal refusal_of(const cascade::rpc_failure& why, bool executed) {
  auto error = error_of(why, executed);
  if (error.status != 503) return {std::move(error), {}};
  error.message += ' ' + to_string(why) + '.';
  return {std::move(error), std::chrono::seconds(1)};
}

}  // namespace app
