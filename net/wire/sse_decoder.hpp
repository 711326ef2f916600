#pragma once

// Incremental decoder of server-sent events (HTML Living Standard §9.2.6). It never buffers an event: data comes as
// views of the input, so an event of any size costs no memory. The extractors drive it.
//
//   data: {"a":1}\n\n   →  data("{\"a\":1}") … dispatch("message" or the event: name)

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace net::wire {

class sse_decoder {
 public:
  /// Bytes of an event name that are kept; a longer name is cut.
  static constexpr std::size_t max_event_name = 64;

  /// Receives what feed() finds. The pieces of an event's data come in order, with a "\n" piece between two data lines.
  class sink {
   public:
    virtual void on_data(std::string_view piece) = 0;
    /// End of an event that had at least one data line. `event` is empty if the event named none.
    virtual void on_dispatch(std::string_view event) = 0;

   protected:
    ~sink() = default;
  };

  explicit sse_decoder(sink& events) : sink_(events) {}

  /// Consumes all of `input`. Lines end with CRLF, LF or CR; a leading byte order mark is skipped. Never fails.
  void feed(std::string_view input);

  /// Lines since the last call.
  std::size_t take_lines() noexcept { return std::exchange(lines_, 0); }

  /// End of the stream. The standard drops an unfinished event. But a provider that was cut off may have reported usage
  /// in it, so an event with data is dispatched even without its empty line.
  void finish();

 private:
  enum class state : std::uint8_t {
    mark,         // inside a possible byte order mark
    after_cr,     // an LF here belongs to the line end before it
    name,         // at the start of a line or inside its field name
    value_start,  // after the colon: one space is not part of the value
    data,
    event,
    skip  // the rest of a comment or of a field of no interest
  };

  std::size_t read_mark(std::string_view input);
  void read_part(std::string_view part);
  std::size_t read_name(std::string_view part);
  void read_event_name(std::string_view part);
  void enter_field();
  void end_line();
  void dispatch();

  static constexpr std::size_t max_field_name = 5;  // of "event", the longest one of interest

  sink& sink_;
  std::size_t lines_ = 0;
  bool has_data_ = false;
  state state_ = state::mark;
  state field_ = state::skip;   // what value_start leads to
  std::uint8_t name_size_ = 0;  // of the field name so far, or of the byte order mark
  std::uint8_t event_size_ = 0;
  std::array<char, max_field_name> name_{};
  std::array<char, max_event_name> event_{};
};

}  // namespace net::wire
