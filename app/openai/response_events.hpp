#pragma once

// Writes the frames of a response's event stream and counts the sequence numbers. responses_writer owns one and decides
// what happens. Appends to the caller's string, or nothing without streaming.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/base/api_error.hpp"
#include "app/openai/output_item.hpp"

namespace app::openai {

class response_events {
 public:
  explicit response_events(bool stream) : stream_(stream) {}

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
  void begin_of(std::string_view type, std::size_t index, const output_item& item, std::string& out);
  void item_event(std::string_view type, std::size_t index, std::string& out);
  void part_event(std::string_view type, std::size_t index, const output_item& item, std::string_view text,
                  std::string& out);

  bool stream_;
  std::uint64_t next_ = 0;
};

}  // namespace app::openai
