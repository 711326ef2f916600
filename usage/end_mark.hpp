#pragma once

// Recognises the text that ends OpenAI's event streams in place of JSON: "[DONE]". Some servers put blanks around it,
// and clients strip them. The answer reader has one for each event.

#include <cstdint>
#include <string_view>

namespace usage {

class end_mark {
 public:
  void feed(std::string_view piece) noexcept {
    for (; matched_ != other && !piece.empty(); piece.remove_prefix(1)) step(piece.front());
  }
  bool seen() const noexcept { return matched_ == text.size(); }
  /// Ready for another event.
  void reset() noexcept { matched_ = 0; }

 private:
  static constexpr std::string_view text = "[DONE]";
  static constexpr std::uint8_t other = 0xff;

  void step(char c) noexcept {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (blank && (matched_ == 0 || seen())) return;
    matched_ = !seen() && c == text[matched_] ? static_cast<std::uint8_t>(matched_ + 1) : other;
  }

  std::uint8_t matched_ = 0;
};

}  // namespace usage
