#pragma once

// Reads one answer: content decoder → event stream or JSON → answer_members. The first non-space byte decides what a
// body is, not the content type: errors of event-stream calls arrive as plain JSON. Used by exchange_account.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/wire/message_head.hpp"
#include "net/wire/sse_decoder.hpp"
#include "usage/answer_members.hpp"
#include "usage/content/content_decoder.hpp"
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
  bool understood() const { return !broken_ && members_.understood(); }
  /// False once a part of the body stayed unread.
  bool readable() const noexcept { return !broken_; }
  /// As exchange_account has it.
  std::string_view given_up() const noexcept { return given_up_; }
  /// An event stream, or a JSON array of events.
  bool streamed() const noexcept { return streamed_; }

 private:
  enum class shape : std::uint8_t { undecided, json, events, opaque };

  void on_content(std::string_view piece) override;
  std::size_t take_cost() override;
  void on_data(std::string_view piece) override;
  void on_dispatch(std::string_view event) override;
  void decide(char first);

  answer_members members_;
  json_scanner scanner_;
  net::wire::sse_decoder events_;
  std::optional<content_decoder> decoder_;  // none: the body is of no interest, or cannot be decoded
  shape shape_ = shape::undecided;
  bool error_status_;
  bool promises_events_ = false;
  bool must_be_read_ = false;  // its head promises a body that can be read
  bool broken_ = false;
  bool cut_ = false;
  bool streamed_ = false;
  std::string_view given_up_;          // a literal
  std::size_t leading_blanks_ = 0;     // whose cost was not reported yet
  std::array<char, 8> event_start_{};  // of one event's data
  std::size_t event_size_ = 0;
};

/// The content codings of a message in the order they were applied, "" for none.
std::string content_codings(const net::wire::header_fields& fields);

}  // namespace usage
