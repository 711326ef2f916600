#pragma once

// Writes one chat completion, as chunks of an event stream or as one object at the end, from the same calls. The HTTP
// API passes it the events of a turn. Pure: it appends frames to the caller's string, which the caller sends and
// clears. Without streaming it appends nothing before the end.
//
//   begin  text* reasoning* tool_call_begin tool_call_arguments*  then one of  end | fail
//
// A stream cannot take words back. If a rewritten text continues what was sent, only its suffix is sent; otherwise the
// whole text is sent after rewritten_mark. Without streaming the client gets only the last wording.

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

  /// Writes the first chunk, with the role. Does nothing on a second call.
  void begin(std::string& out);
  /// More of the reply of step `step`. An empty line separates the replies of different steps.
  void text(std::uint32_t step, std::string_view text, std::string& out);
  void text_rewritten(std::uint32_t step, std::string_view text, std::string& out);
  void reasoning(std::uint32_t step, std::string_view text, std::string& out);
  void reasoning_rewritten(std::uint32_t step, std::string_view text, std::string& out);
  /// `index` must be that of the next call, from 0. Returns false for any other, and beyond max_tool_calls.
  bool tool_call_begin(std::size_t index, std::string_view id, std::string_view name, std::string& out);
  void tool_call_arguments(std::size_t index, std::string_view piece, std::string& out);

  /// Writes the last chunk, usage if requested, and [DONE]; or the whole object. Only the first call of end() or fail()
  /// has an effect. With tool calls the reason stop becomes tool_calls.
  void end(finish_reason reason, const std::optional<token_counts>& usage, std::string& out);
  /// Writes the error as a frame and [DONE]. Without streaming it appends nothing: answer with the error's status
  /// instead.
  void fail(const api_error& error, std::string& out);

  bool ended() const { return state_ == state::ended; }
  /// The assistant's message as the client has it, for digest_after(); nullopt if it was cut.
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
