#pragma once

// UTF-8 (RFC 3629) for the scanner's unescaping and for text that goes into a record.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace usage::utf8 {

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

/// Nothing but characters.
bool is_valid(std::string_view text) noexcept;

/// Of one whole character.
std::uint32_t code_point(std::string_view character) noexcept;

/// Drives a terminal (C0, DEL, C1), turns the text around it (bidirectional marks, UAX #9), or hides in it (separators
/// of lines, annotations, tags).
bool is_control(std::uint32_t point) noexcept;

/// At most `limit` bytes of `text` with whole characters only; what is not UTF-8, and control characters, become "?":
/// names and ids come from the wire and end in JSON, logs and tables.
std::string printable(std::string_view text, std::size_t limit);

}  // namespace usage::utf8
