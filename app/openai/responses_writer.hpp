#pragma once

// Writes one response of the Responses API: as its events while it comes, or as one object at the end, from the same
// calls. The HTTP API drives it with the events of a turn. Pure: frames are appended to the caller's string, which it
// sends and clears. Every event has a sequence_number, and an `event:` line equal to its type; there is no [DONE].
//
//   begin  text* reasoning* tool_call_begin tool_call_arguments*  then one of  end | fail | cancel
//
// Each step's reply is a message item of its own, its reasoning a reasoning item. An item that was sent cannot be taken
// back: a rewritten text is sent as the suffix of what was said of its step, or else as a new item after
// rewritten_mark. Without streaming only the last wording is told.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/base/api_error.hpp"
#include "app/openai/answer.hpp"
#include "app/openai/output_item.hpp"
#include "app/openai/response_events.hpp"
#include "app/openai/response_object.hpp"
#include "app/openai/token_counts.hpp"
#include "app/openai/turn_request.hpp"

namespace app::openai {

class responses_writer {
 public:
  /// `echo`: see turn_request.
  responses_writer(answer_identity identity, std::string echo, answer_style style);

  /// response.created and response.in_progress. Once.
  void begin(std::string& out);
  void text(std::uint32_t step, std::string_view text, std::string& out);
  void text_rewritten(std::uint32_t step, std::string_view text, std::string& out);
  void reasoning(std::uint32_t step, std::string_view text, std::string& out);
  void reasoning_rewritten(std::uint32_t step, std::string_view text, std::string& out);
  /// `index` is that of the next call, from 0: false for any other, or beyond max_tool_calls. Id and name stay.
  bool tool_call_begin(std::size_t index, std::string_view id, std::string_view name, std::string& out);
  void tool_call_arguments(std::size_t index, std::string_view piece, std::string& out);

  /// `now` in Unix seconds. Only the first of the three counts; when not streaming the object itself is appended.
  void end(finish_reason reason, const std::optional<token_counts>& usage, std::int64_t now, std::string& out);
  /// response.failed; before begin() an `error` event. When not streaming nothing is appended: answer with the status.
  void fail(const api_error& error, const std::optional<token_counts>& usage, std::string& out);
  /// Ended by POST …/cancel or on the language server's side: status cancelled, told as response.failed, since streams
  /// know no event of that name. When not streaming the object is appended.
  void cancel(const std::optional<token_counts>& usage, std::string& out);

  bool ended() const { return state_ == state::ended; }
  /// The response object as it stands, for the store.
  std::string object() const;
  /// What the client holds as the assistant's messages, for digest_after() and the store; nothing if it was cut.
  std::optional<message> answer() const;
  /// What was said, for item references; valid until the next call.
  const std::vector<output_item>& items() const { return items_; }

  static constexpr std::size_t max_tool_calls = 128;
  static constexpr std::size_t max_items = 4096;  // further ones are cut

 private:
  enum class state : std::uint8_t { fresh, open, ended };
  struct speech {
    item_kind kind;
    std::uint32_t step;
  };

  bool ensure_open(std::string& out);
  void say(speech what, std::string_view before, std::string_view text, std::string& out);
  void rewrite(speech what, std::string_view text, std::string& out);
  void reword(speech what, std::string_view text, std::string& out);
  bool speaking(speech what) const;
  bool wording(const output_item& item, speech what) const;
  std::optional<std::size_t> said_of(speech what, std::string_view text) const;
  void forget_wording(speech what);
  output_item* start(item_kind kind, std::string& out);
  void stop_speaking(item_status status, std::string& out);
  void close(std::size_t index, item_status status, std::string& out);
  void conclude(std::string_view status, item_status of_items, const std::optional<token_counts>& usage,
                std::string& out);
  void tell_end(std::string_view type, std::string& out);

  answer_identity identity_;
  std::string echo_;
  answer_style style_;
  response_events events_;
  std::vector<output_item> items_;
  std::vector<std::size_t> calls_;       // items of the calls, by their index
  std::optional<std::size_t> speaking_;  // the open message or reasoning
  std::size_t held_ = 0;
  bool cut_ = false;
  state state_ = state::fresh;
  response_progress progress_;
};

}  // namespace app::openai
