#pragma once

// From a request's path and body to a call; pure.

#include <string_view>

#include <boost/system/result.hpp>

#include "test/sim/call.hpp"

namespace sim {

struct call_request {
  std::string_view path;
  std::string_view query;
  std::string_view x_sim;
  std::string_view retry_count;  // x-stainless-retry-count
  std::string_view body;
};

bool names_model_call(std::string_view path);

/// The error is the sentence for a 400.
boost::system::result<call, std::string> read_call(const call_request& request);

/// Prompt tokens of a body, as the countTokens routes answer them.
std::int64_t prompt_tokens(const boost::json::value& body);

}  // namespace sim
