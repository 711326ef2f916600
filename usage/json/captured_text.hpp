#pragma once

// What a json_scanner keeps of one string, number or key: unescaped, and cut at a limit.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace usage {

class captured_text {
 public:
  explicit captured_text(std::size_t limit) : limit_(limit) {}

  /// Forgets the last text, but not its buffer.
  void begin() noexcept;
  void add(std::string_view bytes);
  /// One \uXXXX: surrogates are joined, and a lone one becomes U+FFFD.
  void add_unit(std::uint16_t unit);
  void end() { end_surrogate(); }

  /// Nothing was added since begin().
  bool untouched() const noexcept { return text_.empty() && high_ == 0 && !cut_; }
  /// The view lacks a part of the text.
  bool cut() const noexcept { return cut_; }
  std::string_view view() const noexcept { return text_; }
  std::size_t limit() const noexcept { return limit_; }

 private:
  void end_surrogate();
  void append(std::string_view bytes);

  std::size_t limit_;
  std::uint16_t high_ = 0;  // a high surrogate waiting for its low one
  bool cut_ = false;
  std::string text_;
};

}  // namespace usage
