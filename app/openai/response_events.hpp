#pragma once

// Writes the events of a response, as frames of an event stream or as lines, and counts the sequence numbers.
// responses_writer owns one and decides what happens. Appends to the caller's string, or nothing without streaming.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/base/api_error.hpp"
#include "app/openai/answer.hpp"
#include "app/openai/output_item.hpp"

namespace app::openai {

class response_events {
 public:
  /// `stream_id`: see answer_identity.
  response_events(const answer_style& style, std::string_view stream_id);

  /// response.created, response.in_progress and the terminal ones: `object` is the response.
  void lifecycle(std::string_view type, std::string_view object, std::string& out);
  /// The item and, except for a call, its only part.
  void added(std::size_t index, const output_item& item, std::string& out);
  /// `before` and `text` are one delta.
  void delta(std::size_t index, const output_item& item, std::string_view before, std::string_view text,
             std::string& out);
  void done(std::size_t index, const output_item& item, std::string& out);
  /// Only before response.created.
  void error(const api_error& error, std::string& out);

 private:
  void begin(std::string_view type, std::string& out);
  void end(std::string& out) const;
  void begin_of(std::string_view type, std::size_t index, const output_item& item, std::string& out);
  void item_event(std::string_view type, std::size_t index, std::string& out);
  void part_event(std::string_view type, std::size_t index, const output_item& item, std::string_view text,
                  std::string& out);

  bool stream_;
  event_framing framing_;
  std::string repeated_;  // in every event: the member stream_id, or nothing
  std::uint64_t next_ = 0;
};

}  // namespace app::openai
