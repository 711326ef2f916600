#pragma once

// What both writers know of an answer before its first word, and how it can end.

#include <cstdint>
#include <string>
#include <string_view>
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
  std::string stream_id{};                                      // of a WebSocket's turn; every event repeats it
};

inline constexpr std::string_view metadata_cascade_id = "zerogravity_cascade_id";

/// The request's metadata and the cascade id.
std::vector<std::pair<std::string, std::string>> all_metadata(const answer_identity& identity);

/// Between the replies of two steps in one text.
inline constexpr std::string_view step_break = "\n\n";
/// In a stream, before a text that replaces one already sent; withdrawn_mark if nothing replaces it.
inline constexpr std::string_view rewritten_mark = "\n\n[The text above was rewritten:]\n\n";
inline constexpr std::string_view withdrawn_mark = "\n\n[The text above was withdrawn.]\n\n";

/// How the events of a stream are told apart.
enum class event_framing : std::uint8_t {
  event_stream,  // text/event-stream
  lines,         // one JSON object a line: the messages of a WebSocket
};

struct answer_style {
  bool stream = false;
  bool include_usage = false;     // chat streams only
  bool reasoning = true;          // false: reasoning is left out
  std::size_t text = 16ul << 20;  // bytes kept of text, and of reasoning; the rest is cut, and reported as cut
  event_framing framing = event_framing::event_stream;  // responses only
};

enum class finish_reason : std::uint8_t { stop, length, tool_calls, content_filter };

}  // namespace app::openai
