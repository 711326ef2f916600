#pragma once

// The response object of the Responses API: the whole answer, a part of the first and last events of a stream, and what
// the store keeps.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/openai/answer.hpp"
#include "app/openai/output_item.hpp"
#include "app/openai/token_counts.hpp"

namespace app::openai {

/// How far a response has come.
struct response_progress {
  std::string_view status = "in_progress";  // completed, incomplete, failed or cancelled
  std::string error = "null";               // JSON
  std::string_view incomplete_details = "null";
  std::optional<token_counts> usage{};
  std::optional<std::int64_t> completed_at{};  // Unix seconds
};

/// `items` without text are left out unless `all`.
struct response_output {
  const std::vector<output_item>& items;
  bool all = false;
};

/// `echo`: see turn_request.
std::string render_response(const answer_identity& identity, const response_progress& progress,
                            const response_output& output, std::string_view echo);

}  // namespace app::openai
