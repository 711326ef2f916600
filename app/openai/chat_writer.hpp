#pragma once

// Writes one chat completion: as chunks of an event stream while it comes, or as one object at the end, from the same
// calls. The HTTP API drives it with the events of a turn. Pure: frames are appended to the caller's string, which it
// sends and clears; when not streaming nothing is appended before the end.
//
//   begin  text* reasoning* tool_call_begin tool_call_arguments*  then one of  end | fail
//
// A stream cannot take words back. A rewritten text that goes on from what was sent is sent as its suffix; any other is
// sent whole after rewritten_mark. Without streaming only the last wording is told.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/base/api_error.hpp"
#include "app/openai/answer.hpp"
#include "app/openai/answer_text.hpp"
#include "app/openai/token_counts.hpp"
#include "app/openai/turn_request.hpp"

namespace app::openai {

class chat_writer {
 public:
  chat_writer(answer_identity identity, answer_style style);

  /// The first chunk, with the role. Once.
  void begin(std::string& out);
  /// More of the reply of step `step`; replies of different steps are parted by an empty line.
  void text(std::uint32_t step, std::string_view text, std::string& out);
  void text_rewritten(std::uint32_t step, std::string_view text, std::string& out);
  void reasoning(std::uint32_t step, std::string_view text, std::string& out);
  void reasoning_rewritten(std::uint32_t step, std::string_view text, std::string& out);
  /// `index` is that of the next call, from 0: false for any other, or beyond max_tool_calls. Id and name stay.
  bool tool_call_begin(std::size_t index, std::string_view id, std::string_view name, std::string& out);
  void tool_call_arguments(std::size_t index, std::string_view piece, std::string& out);

  /// The last chunk, usage if it was asked for, and [DONE]; or the whole object. Nothing follows; only the first of
  /// end() and fail() counts. With tool calls the reason stop becomes tool_calls.
  void end(finish_reason reason, const std::optional<token_counts>& usage, std::string& out);
  /// The error as a frame and [DONE]. When not streaming nothing is appended: answer with the error's status instead.
  void fail(const api_error& error, std::string& out);

  bool ended() const { return state_ == state::ended; }
  /// What the client holds as the assistant's message, for digest_after(); nothing if it was cut.
  std::optional<message> answer() const;

  static constexpr std::size_t max_tool_calls = 128;

 private:
  enum class state : std::uint8_t { fresh, open, ended };

  bool ensure_open(std::string& out);
  void content(const answer_text::addition& words, std::string& out);
  void thoughts(const answer_text::addition& words, std::string& out);
  finish_reason reported(finish_reason reason) const;
  void usage_chunk(const token_counts& usage, std::string& out) const;
  void whole(finish_reason reason, const std::optional<token_counts>& usage, std::string& out) const;
  void append_calls(std::string& out) const;
  void done(std::string& out);

  answer_identity identity_;
  answer_style style_;
  std::string head_;  // of every chunk, up to its delta
  std::string_view tail_;
  answer_text text_;
  answer_text reasoning_;
  std::vector<tool_call> calls_;
  bool arguments_cut_ = false;
  state state_ = state::fresh;
};

}  // namespace app::openai
