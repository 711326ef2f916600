#pragma once

// A JSON text (RFC 8259) as places in it, so that a change leaves every other byte as its sender wrote it. A text is
// checked once; what walks it afterwards relies on that.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "app/rewrite/errc.hpp"
#include "app/rewrite/json_pointer.hpp"

namespace app::rewrite {

/// Objects and arrays inside each other; a deeper text counts as none.
inline constexpr std::size_t json_depth = 256;

/// One value in JSON, white space around it permitted.
bool is_json(std::string_view text);

/// The members or elements of a container, one after the other.
class json_entries {
 public:
  /// `open` is where its bracket is.
  json_entries(std::string_view text, std::size_t open);

  /// False: there are no more, and nothing but open() and object() means anything.
  bool next();

  bool object() const noexcept { return text_[open_] == '{'; }
  std::size_t open() const noexcept { return open_; }
  std::size_t entry() const noexcept { return entry_; }  // where the member or element begins
  std::size_t begin() const noexcept { return begin_; }  // of its value
  std::size_t end() const noexcept { return end_; }
  std::string_view value() const noexcept { return text_.substr(begin_, end_ - begin_); }
  /// Of a member: its name as it is written, in quotes and perhaps with escapes.
  std::string_view name() const noexcept { return text_.substr(entry_, name_end_ - entry_); }
  bool named(std::string_view wanted) const;

 private:
  std::string_view text_;
  std::size_t open_;
  std::size_t entry_ = 0;
  std::size_t name_end_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_;
};

/// Where a pointer leads.
struct json_place {
  bool found = false;     // else it is the last token that is not there
  std::size_t begin = 0;  // of the value
  std::size_t end = 0;

  // The container that it is in, or would be. There is none around the whole document.
  bool contained = false;
  bool in_object = false;
  std::size_t open = 0;                 // of its bracket
  std::size_t entry = 0;                // of the member or element
  std::optional<std::size_t> before{};  // end of the entry before it; if not found: of the last one
  std::optional<std::size_t> after{};   // begin of the entry after it

  std::string_view value(std::string_view text) const { return text.substr(begin, end - begin); }
};

/// Errors: missing (what would hold it, or the element of an array), ambiguous, wrong_type (what would hold it is
/// neither object nor array).
result<json_place> locate(std::string_view text, const json_pointer& pointer);

/// The value there, if there is one that can be told.
std::optional<std::string_view> value_at(std::string_view text, const json_pointer& pointer);

/// Of the literal of a string; nothing for any other value.
std::optional<std::string> string_of(std::string_view literal);
std::optional<std::string> string_at(std::string_view text, const json_pointer& pointer);

/// The literal of a string.
std::string literal_of(std::string_view text);

}  // namespace app::rewrite
