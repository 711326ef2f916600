#include "net/text/utf8.hpp"

#include <algorithm>

namespace net::utf8 {
namespace {

bool is_tail(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Bytes of the character that `first` begins; 1 if it is ASCII or begins none.
std::size_t size_by(unsigned char first) noexcept {
  if (first < 0xc2 || first > 0xf4) return 1;
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/// `text` up to `limit` bytes, with `instead` for each byte that begins no character and each character that is not
/// `shown`.
template <class Shown>
std::string cut(std::string_view text, std::size_t limit, std::string_view instead, Shown shown) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    const std::string_view next = size != 0 && shown(character) ? character : instead;
    if (out.size() + next.size() > limit) break;
    out += next;
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace

std::size_t character_size(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t size = size_by(first);
  if (size == 1 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!is_tail(text[i])) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return size;
}

bool is_valid(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::uint32_t code_point(std::string_view character) noexcept {
  constexpr std::uint32_t lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};  // by size
  std::uint32_t point = static_cast<unsigned char>(character[0]) & lead_bits[character.size()];
  for (const char c : character.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return point;
}

bool is_control(std::uint32_t point) noexcept {
  const auto within = [point](std::uint32_t first, std::uint32_t last) { return point >= first && point <= last; };
  if (point < 0x300) return point < 0x20 || within(0x7f, 0x9f);
  return point == 0x61c || within(0x200e, 0x200f) || within(0x2028, 0x202e) || within(0x2066, 0x206f) ||
         within(0xfff9, 0xfffb) || within(0xe0000, 0xe007f);
}

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

std::size_t whole_characters(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= std::min<std::size_t>(text.size(), 3); ++back) {
    const char byte = text[text.size() - back];
    if (is_tail(byte)) continue;
    return size_by(static_cast<unsigned char>(byte)) > back ? text.size() - back : text.size();
  }
  return text.size();
}

std::string shortened(std::string_view text, std::size_t limit) {
  return cut(text, limit, replacement, [](std::string_view) { return true; });
}

std::string printable(std::string_view text, std::size_t limit) {
  return cut(text, limit, "?", [](std::string_view character) { return !is_control(code_point(character)); });
}

}  // namespace net::utf8
