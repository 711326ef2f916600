#pragma once

// Where each provider's bodies have the system instruction, the limit of output tokens and the request for usage.
// (Google's Gemini API and Cloud Code, OpenAI's chat completions and responses, Anthropic's messages.) Bodies are
// checked JSON; every change leaves the rest as it was.

#include <cstdint>
#include <string>
#include <string_view>

#include "app/rewrite/json_edit.hpp"
#include "app/rewrite/rule.hpp"
#include "usage/call_shape.hpp"

namespace app::rewrite {

/// The call that a body belongs to, and where its members are in the body.
struct body_shape {
  usage::provider provider = usage::provider::unknown;
  usage::call_kind kind = usage::call_kind::other;
  json_pointer root;
};

/// `path` is without the query. Errors: unknown_shape.
result<body_shape> shape_of(const usage::call_shape& call, std::string_view path, std::string_view body);

/// Google accepts two spellings of its members. Returns the one that is present, else the usual one. Errors: ambiguous.
result<json_pointer> spelled(std::string_view body, const json_pointer& parent, std::string_view usual,
                             std::string_view other);

/// Text added to a string is separated by an empty line; in a list of parts or blocks it becomes a new one. Creates a
/// missing instruction. Errors: ambiguous, wrong_type, missing.
result<edited> change_system(std::string& body, const body_shape& shape, const system_text& change);

/// Limits the output to `tokens`, whether or not the request has a limit. Calls that only count have none. Errors:
/// ambiguous, wrong_type, no_room.
result<edited> cap_output_tokens(std::string& body, const body_shape& shape, std::uint64_t tokens);

/// Only for streamed chat completions that do not ask yet; other calls report usage anyway. Errors: ambiguous,
/// wrong_type.
result<edited> ask_for_usage(std::string& body, const body_shape& shape);

}  // namespace app::rewrite
