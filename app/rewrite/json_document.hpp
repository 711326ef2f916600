#pragma once

// Finds places in a JSON text (RFC 8259), so that a change leaves every other byte as its sender wrote it. The text is
// checked once, and all other functions rely on that.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "app/rewrite/errc.hpp"
#include "app/rewrite/json_pointer.hpp"

namespace app::rewrite {

/// The nesting of objects and arrays. Deeper text is not accepted as JSON.
inline constexpr std::size_t json_depth = 256;

/// One value in JSON, white space around it permitted.
bool is_json(std::string_view text);

/// The members or elements of a container, one after the other.
class json_entries {
 public:
  /// `open` is the position of its bracket.
  json_entries(std::string_view text, std::size_t open);

  /// False: there are no more, and only open() and object() are valid.
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
  bool found = false;     // false: the last token is absent, and all before it were found
  std::size_t begin = 0;  // of the value
  std::size_t end = 0;

  // The container that it is in or would be in. The whole document has none.
  bool contained = false;
  bool in_object = false;
  std::size_t open = 0;                 // of its bracket
  std::size_t entry = 0;                // of the member or element
  std::optional<std::size_t> before{};  // end of the entry before it; if not found: of the last one
  std::optional<std::size_t> after{};   // begin of the entry after it

  std::string_view value(std::string_view text) const { return text.substr(begin, end - begin); }
};

/// Errors: missing (the container, or the element of an array), ambiguous, wrong_type (the container is neither an
/// object nor an array).
result<json_place> locate(std::string_view text, const json_pointer& pointer);

/// The value at `pointer`; nullopt if there is none or it is ambiguous.
std::optional<std::string_view> value_at(std::string_view text, const json_pointer& pointer);

/// The text of a string literal; nullopt for any other value.
std::optional<std::string> string_of(std::string_view literal);
std::optional<std::string> string_at(std::string_view text, const json_pointer& pointer);

/// `text` as a string literal.
std::string literal_of(std::string_view text);

}  // namespace app::rewrite
