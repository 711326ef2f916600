#pragma once

// Reads one answer: content decoder → event stream or JSON → answer_members. The first non-space byte decides what a
// body is, not the content type: errors of event-stream calls arrive as plain JSON. Only the binary event streams of
// AWS are also told by their type. Used by exchange_account.
//
// What servers send against the standards and clients read all the same is read, too, and odd() says so.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/wire/message_head.hpp"
#include "net/wire/sse_decoder.hpp"
#include "usage/answer_members.hpp"
#include "usage/content/content_decoder.hpp"
#include "usage/content/leading_mark.hpp"
#include "usage/end_mark.hpp"
#include "usage/eventstream_answer.hpp"
#include "usage/exchange_account.hpp"
#include "usage/json/json_scanner.hpp"

namespace usage {

class answer_reader final : content_decoder::sink, net::wire::sse_decoder::sink {
 public:
  /// `terms` outlives the reader; `head` need only outlive the call.
  answer_reader(const dialect& terms, call_kind kind, const net::wire::response_head& head,
                const account_limits& limits);
  answer_reader(const answer_reader&) = delete;
  answer_reader& operator=(const answer_reader&) = delete;

  void feed(std::string_view piece);
  /// `whole`: the body was seen to its end. The begun event of a stream that was cut is still read.
  void finish(bool whole);

  const answer_members& members() const noexcept { return members_; }
  /// False once something could not be decoded or had the wrong form.
  bool understood() const { return readable() && members_.understood(); }
  /// False once a part of the body stayed unread.
  bool readable() const noexcept { return !broken_ && (!messages_ || messages_->understood()); }
  /// As exchange_account has it.
  std::string_view given_up() const noexcept { return given_up_; }
  /// How the body differs from what its head says, although it was read (a few words); empty: it does not.
  std::string_view odd() const noexcept;
  /// An event stream, or a JSON array of events.
  bool streamed() const noexcept { return streamed_; }

 private:
  enum class shape : std::uint8_t { undecided, json, events, messages, opaque };

  void on_content(std::string_view piece) override;
  std::size_t take_cost() override;
  void on_data(std::string_view piece) override;
  void on_dispatch(std::string_view event) override;
  void read(std::string_view piece);
  void decide(char first);

  answer_members members_;
  json_scanner scanner_;
  net::wire::sse_decoder events_;
  std::unique_ptr<eventstream_answer> messages_;  // null unless the type promises them
  leading_mark mark_;
  std::optional<content_decoder> decoder_;  // none: the body is of no interest, or cannot be decoded
  shape shape_ = shape::undecided;
  bool error_status_;
  bool promises_events_ = false;
  bool must_be_read_ = false;  // its head promises a body that can be read
  bool broken_ = false;
  bool cut_ = false;
  bool streamed_ = false;
  std::string_view given_up_;       // a literal
  std::size_t leading_blanks_ = 0;  // whose cost was not reported yet
  end_mark end_;                    // of the event under way
};

/// The codings of a message's content in the order they were applied, "" for none. Those of its transfer come last, but
/// not chunked, which is undone before.
std::string content_codings(const net::wire::header_fields& fields);

}  // namespace usage
