#pragma once

// Incremental JSON scanner (RFC 8259) that builds no document: it delivers the members selected by json_paths while the
// text passes, and skips everything else, so that a value of any size costs no memory. Used by the answer and request
// readers.
//
// Documents may follow each other, and the elements of an array at the root count as documents of their own: paths
// start at the element. It checks the structure only. It accepts any digits of numbers, escapes and UTF-8 of skipped
// strings, and control characters in strings, because an observer gains nothing by refusing them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "usage/json/captured_text.hpp"
#include "usage/json/json_paths.hpp"
#include "usage/json/json_watcher.hpp"

namespace usage {

class json_scanner {
 public:
  /// Open objects and arrays; a deeper document fails.
  static constexpr std::size_t max_depth = 1024;

  enum class scalar : std::uint8_t { string, number, boolean, null };

  /// Views are valid during the call only. A member given twice is delivered twice.
  class sink {
   public:
    /// A selected scalar; strings are unescaped and cut after `captured_value` bytes.
    virtual void on_scalar(int tag, scalar kind, std::string_view text) = 0;
    /// A selected object or array, exactly as sent, after the scalars inside it. Not called for a value over the limit,
    /// nor for one inside another selected one.
    virtual void on_verbatim(int tag, std::string_view json) = 0;

   protected:
    ~sink() = default;
  };

  /// `paths`, `found` and `watcher` outlive the scanner. `captured_value`: bytes kept of one selected value. Without a
  /// watcher, watched values are skipped.
  json_scanner(const json_paths& paths, sink& found, std::size_t captured_value, json_watcher* watcher = nullptr);

  /// All of `input` is used. False: the text is malformed or too deep; final until reset().
  bool feed(std::string_view input);
  /// The text ends here. True if it ended between documents.
  bool finish();
  /// Ready for another text. Keeps its buffers.
  void reset() noexcept;

  /// Values, names, punctuation and escapes since the last call. They take time; skipped text does not.
  std::size_t take_steps() noexcept { return std::exchange(steps_, 0); }

  bool failed() const noexcept { return state_ == state::failed; }

 private:
  // clang-format off
  enum class state : std::uint8_t {
    value, first_element, first_key, key, colon, after_value, string, escape, unicode, number, literal, failed
  };
  // clang-format on
  enum class role : std::uint8_t { key, value };

  const char* structure(const char* at, const char* end);
  const char* begin_value(const char* at, const char* end);
  const char* begin_string(const char* at, const char* end, role what, bool kept);
  const char* in_string(const char* at, const char* end);
  const char* in_watched_string(const char* at, const char* end);
  const char* in_escape(const char* at);
  const char* in_unicode(const char* at);
  const char* in_number(const char* at, const char* end);
  const char* in_literal(const char* at, const char* end);
  const char* after_value(const char* at);
  const char* open(const char* at);
  const char* close(const char* at);
  const char* fail(const char* at);

  void end_string(std::string_view text);
  void end_scalar(scalar kind, std::string_view text);
  void end_value();
  void next_element();
  void begin_text(bool kept);
  void begin_watch();
  void watch_text(std::string_view part);
  void begin_capture(const char* at);
  void end_capture(const char* after);
  void keep_capture(const char* until);

  bool in_object() const noexcept {
    return depth_ != 0 && (objects_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1) != 0;
  }
  /// The innermost open container lies on a selected path.
  bool live() const noexcept { return depth_ == live_; }

  const json_paths& paths_;
  sink& found_;

  state state_ = state::value;
  role role_ = role::value;
  bool kept_ = false;  // the string or number under way is selected
  bool root_array_ = false;
  std::uint8_t digits_ = 0;  // hex digits seen of \uXXXX, or letters seen of a literal
  std::uint16_t unit_ = 0;   // their value
  std::string_view literal_;
  json_paths::node value_ = json_paths::root;  // of the value that comes next
  std::size_t depth_ = 0;
  std::size_t live_ = 0;  // open containers on a selected path: always the outermost ones
  std::array<json_paths::node, json_paths::max_length + 1> nodes_{};  // of those
  std::array<std::uint64_t, max_depth / 64> objects_{};               // one bit per open container
  captured_text text_;

  std::size_t steps_ = 0;

  int capture_tag_ = json_paths::no_tag;
  std::size_t capture_depth_ = 0;
  bool capture_cut_ = false;
  const char* capture_from_ = nullptr;  // in the input of the running feed()
  std::string capture_;

  json_watcher* watcher_;
  bool watching_ = false;
  std::size_t watch_depth_ = 0;  // of the watched value
};

}  // namespace usage
