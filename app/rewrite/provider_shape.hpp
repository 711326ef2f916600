#pragma once

// Where the providers keep in their bodies what rules speak of by meaning: the system instruction, the most output
// tokens, the wish for usage. (Google's Gemini API and Cloud Code, OpenAI's chat completions and responses, Anthropic's
// messages.) Bodies are checked JSON; every change leaves the rest as it was.

#include <cstdint>
#include <string>
#include <string_view>

#include "app/rewrite/json_edit.hpp"
#include "app/rewrite/rule.hpp"
#include "usage/call_shape.hpp"

namespace app::rewrite {

/// A call that a body belongs to, and where in it the members of the call are.
struct body_shape {
  usage::provider provider = usage::provider::unknown;
  usage::call_kind kind = usage::call_kind::other;
  json_pointer root;
};

/// `path` is without the query. Errors: unknown_shape.
result<body_shape> shape_of(const usage::call_shape& call, std::string_view path, std::string_view body);

/// Google reads its members in two spellings: the one that is there, else the usual one. Errors: ambiguous.
result<json_pointer> spelled(std::string_view body, const json_pointer& parent, std::string_view usual,
                             std::string_view other);

/// Text that joins a string is kept apart from it by an empty line; where there are parts or blocks, it becomes one. An
/// instruction that is not there is made. Errors: ambiguous, wrong_type, missing.
result<edited> change_system(std::string& body, const body_shape& shape, const system_text& change);

/// No more than `tokens`, whether a limit was set or not. Calls that only count have none. Errors: ambiguous,
/// wrong_type, no_room.
result<edited> cap_output_tokens(std::string& body, const body_shape& shape, std::uint64_t tokens);

/// Of streamed chat completions that do not ask for it yet; other calls report usage anyway. Errors: ambiguous,
/// wrong_type.
result<edited> ask_for_usage(std::string& body, const body_shape& shape);

}  // namespace app::rewrite
