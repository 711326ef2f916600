#pragma once

// The frames of event streams that are the same for both APIs. A keep-alive is a comment of a single line end: a
// comment with an empty line after it makes an empty event of some clients, which then fail on its missing data.

#include <string_view>

namespace app::openai {

inline constexpr std::string_view keep_alive_frame = ": ping\n";
inline constexpr std::string_view chat_done_frame = "data: [DONE]\n\n";
inline constexpr std::string_view event_stream_type = "text/event-stream; charset=utf-8";

}  // namespace app::openai
