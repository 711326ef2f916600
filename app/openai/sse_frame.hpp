#pragma once

// The frames that are the same in the event streams of both APIs. A keep-alive is a comment with a single line end.
// With an empty line after it, some clients see an empty event and fail on its missing data.

#include <string_view>

namespace app::openai {

inline constexpr std::string_view keep_alive_frame = ": ping\n";
inline constexpr std::string_view chat_done_frame = "data: [DONE]\n\n";
inline constexpr std::string_view event_stream_type = "text/event-stream; charset=utf-8";

}  // namespace app::openai
