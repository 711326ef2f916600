#include "usage/utf8.hpp"

namespace usage::utf8 {
namespace {

bool is_tail(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Bytes of the character at the front of `text`, 0 if it is none. Overlong forms and surrogates are none.
std::size_t character(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first < 0x20 || first == 0x7f ? 0 : 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!is_tail(text[i])) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return size;
}

}  // namespace

encoded::encoded(std::uint32_t point) noexcept {
  if (point < 0x80) {
    add(point);
    return;
  }
  if (point < 0x800) {
    add(0xc0 | point >> 6);
  } else if (point < 0x10000) {
    add(0xe0 | point >> 12);
    add(0x80 | (point >> 6 & 0x3f));
  } else {
    add(0xf0 | point >> 18);
    add(0x80 | (point >> 12 & 0x3f));
    add(0x80 | (point >> 6 & 0x3f));
  }
  add(0x80 | (point & 0x3f));
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character(text);
    const std::string_view next = size == 0 ? std::string_view("?") : text.substr(0, size);
    if (out.size() + next.size() > limit) break;
    out.append(next);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

}  // namespace usage::utf8
