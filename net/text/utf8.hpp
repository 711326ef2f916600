#pragma once

// UTF-8 (RFC 3629).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace net::utf8 {

inline constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// One code point below U+110000; the bytes live in the object.
class encoded {
 public:
  explicit encoded(std::uint32_t point) noexcept;
  operator std::string_view() const noexcept { return {bytes_.data(), size_}; }

 private:
  void add(std::uint32_t byte) noexcept { bytes_[size_++] = static_cast<char>(byte); }

  std::array<char, 4> bytes_{};
  std::size_t size_ = 0;
};

/// Bytes of the character at the front of `text`, which is not empty; 0 if it is none (overlong, surrogate, cut off …).
std::size_t character_size(std::string_view text) noexcept;

bool is_valid(std::string_view text) noexcept;

/// `character` is exactly one.
std::uint32_t code_point(std::string_view character) noexcept;

/// It drives a terminal (C0, DEL, C1), turns the text around it (bidirectional marks, UAX #9), or hides in it (line
/// separators, annotations, tags).
bool is_control(std::uint32_t point) noexcept;

/// Bytes of `text` without the character that its end cuts, if any. Looks at no more than the last three bytes.
std::size_t whole_characters(std::string_view text) noexcept;

/// At most `limit` bytes of `text`: whole characters, with U+FFFD in place of what is not UTF-8.
std::string shortened(std::string_view text, std::size_t limit);

/// As shortened(), but with "?" in place of what is not UTF-8 and of control characters: names and ids come from the
/// wire and end in JSON, logs and tables.
std::string printable(std::string_view text, std::size_t limit);

}  // namespace net::utf8
