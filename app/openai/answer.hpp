#pragma once

// What both writers are told about an answer before its first word, and how it can end.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace app::openai {

/// Constant for one answer.
struct answer_identity {
  std::string id;                                               // chatcmpl-… or resp_…
  std::int64_t created = 0;                                     // Unix seconds
  std::string model;                                            // as the client named it
  std::string cascade_id;                                       // in the metadata, as metadata_cascade_id
  std::vector<std::pair<std::string, std::string>> metadata{};  // the request's
};

inline constexpr const char* metadata_cascade_id = "zerogravity_cascade_id";

struct answer_style {
  bool stream = false;
  bool include_usage = false;     // chat streams only
  bool reasoning = true;          // false: reasoning is left away
  std::size_t text = 16ul << 20;  // bytes of text, and of reasoning, kept; what is beyond is cut, and said to be
};

enum class finish_reason : std::uint8_t { stop, length, tool_calls, content_filter };

}  // namespace app::openai
