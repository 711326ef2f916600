#pragma once

// Writes one response of the Responses API, as a stream of events or as one object at the end, from the same calls. The
// HTTP API passes it the events of a turn. Pure: it appends frames to the caller's string, which the caller sends and
// clears. Every event has a sequence_number, and in an event stream an `event:` line equal to its type; there is no
// [DONE].
//
//   begin  text* reasoning* tool_call_begin tool_call_arguments*  then one of  end | fail | cancel
//
// Each step's reply is a message item, and its reasoning a reasoning item. A sent item cannot be taken back. If a
// rewritten text continues what was sent of its step, only the suffix is sent; otherwise it is a new item after
// rewritten_mark. Without streaming the client gets only the last wording.

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

  /// Writes response.created and response.in_progress. Does nothing on a second call.
  void begin(std::string& out);
  void text(std::uint32_t step, std::string_view text, std::string& out);
  void text_rewritten(std::uint32_t step, std::string_view text, std::string& out);
  void reasoning(std::uint32_t step, std::string_view text, std::string& out);
  void reasoning_rewritten(std::uint32_t step, std::string_view text, std::string& out);
  /// `index` must be that of the next call, from 0. Returns false for any other, and beyond max_tool_calls.
  bool tool_call_begin(std::size_t index, std::string_view id, std::string_view name, std::string& out);
  void tool_call_arguments(std::size_t index, std::string_view piece, std::string& out);

  /// `now` is in Unix seconds. Only the first call of these three has an effect. Without streaming it appends the
  /// object.
  void end(finish_reason reason, const std::optional<token_counts>& usage, std::int64_t now, std::string& out);
  /// Writes response.failed; before begin(), an `error` event. Without streaming it appends nothing: answer with the
  /// status.
  void fail(const api_error& error, const std::optional<token_counts>& usage, std::string& out);
  /// Call this when POST …/cancel or the language server ended the turn. The status is cancelled; the event is
  /// response.failed, since streams have none for cancelled. Without streaming it appends the object.
  void cancel(const std::optional<token_counts>& usage, std::string& out);

  bool ended() const { return state_ == state::ended; }
  /// The current response object, for the store.
  std::string object() const;
  /// The assistant's message as the client has it, for digest_after() and the store; nullopt if it was cut.
  std::optional<message> answer() const;
  /// The items so far, for references. Valid until the next call.
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
