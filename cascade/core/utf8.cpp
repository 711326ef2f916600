#include "cascade/core/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace cascade {
namespace {

constexpr std::size_t longest = 4;

/// Length of the sequence that `lead` begins; 1 for what can begin none.
std::size_t sequence_length(unsigned char lead) {
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  return 1;
}

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/// The second byte is what rules out overlong forms, surrogates and code points past U+10FFFF.
bool second_fits(unsigned char lead, unsigned char second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second < 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second < 0x90;
  return true;
}

bool valid_sequence(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead < 0x80;
  for (const char byte : sequence.substr(1)) {
    if (!is_continuation(static_cast<unsigned char>(byte))) return false;
  }
  return second_fits(lead, static_cast<unsigned char>(sequence[1]));
}

}  // namespace

std::size_t whole_code_points(std::string_view text) {
  const std::size_t reach = std::min(text.size(), longest - 1);
  for (std::size_t back = 1; back <= reach; ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (is_continuation(byte)) continue;
    return sequence_length(byte) > back ? text.size() - back : text.size();
  }
  return text.size();
}

bool valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[0]));
    if (length > text.size() || !valid_sequence(text.substr(0, length))) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace cascade
