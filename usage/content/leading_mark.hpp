#pragma once

// The byte order mark that some servers put before UTF-8 text. It is no part of JSON (RFC 8259 §8.1), but readers may
// ignore it, and clients do. The answer and request readers take it off.

#include <cstdint>
#include <string_view>

namespace usage {

class leading_mark {
 public:
  /// Takes what belongs to a mark from the front of `piece`, which is the next one of a text. Returns the bytes that
  /// were taken from earlier pieces but turn out to begin no mark: they come before `piece`.
  std::string_view strip(std::string_view& piece) noexcept {
    if (decided_) return {};
    while (taken_ < bytes.size() && !piece.empty() && piece.front() == bytes[taken_]) {
      piece.remove_prefix(1);
      ++taken_;
    }
    found_ = taken_ == bytes.size();
    decided_ = found_ || !piece.empty();
    return decided_ && !found_ ? bytes.substr(0, taken_) : std::string_view();
  }

  bool found() const noexcept { return found_; }

 private:
  static constexpr std::string_view bytes = "\xef\xbb\xbf";

  std::uint8_t taken_ = 0;
  bool decided_ = false;
  bool found_ = false;
};

}  // namespace usage
