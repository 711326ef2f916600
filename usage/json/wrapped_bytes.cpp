#include "usage/json/wrapped_bytes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "net/text/base64.hpp"
#include "net/text/hex.hpp"

namespace usage {

bool wrapped_bytes::feed(std::string_view json, sink& out) {
  const char* at = json.data();
  const char* const end = at + json.size();
  while (at != end && state_ != state::failed) {
    switch (state_) {
      case state::structure:
        at = structure(at);
        break;
      case state::key:
        at = in_key(at);
        break;
      case state::text:
        at = in_text(at, end);
        break;
      case state::value:
      case state::value_escape:
        at = in_value(at, end, out);
        break;
      case state::failed:
        break;
    }
  }
  return state_ != state::failed;
}

/// Like the others, returns where to go on.
const char* wrapped_bytes::structure(const char* at) {
  const bool at_root = depth_ == 1 && object_;
  switch (*at) {
    case '{':
    case '[':
      if (++depth_ == 1) object_ = key_comes_ = *at == '{';
      is_member_ = false;
      break;
    case '}':
    case ']':
      if (depth_ != 0) --depth_;
      break;
    case ',':
      key_comes_ = at_root;
      is_member_ = false;
      break;
    case '"':
      matched_ = 0;
      state_ = at_root && key_comes_ ? state::key : state::text;
      if (!at_root || key_comes_ || !is_member_) break;
      state_ = state::value;
      found_ = true;
      bits_ = held_ = digits_ = padding_ = 0;
      break;
    default:
      break;
  }
  return at + 1;
}

const char* wrapped_bytes::in_key(const char* at) {
  if (*at == '"') {
    is_member_ = matched_ == name_.size();
    key_comes_ = false;
    state_ = state::structure;
  } else if (matched_ < name_.size() && *at == name_[matched_]) {
    ++matched_;
  } else {
    is_member_ = key_comes_ = false;  // another one; what is left of it passes as text
    state_ = state::text;
    return at;
  }
  return at + 1;
}

const char* wrapped_bytes::in_text(const char* at, const char* end) {
  if (std::exchange(skips_next_, false)) return at + 1;
  const std::string_view rest(at, static_cast<std::size_t>(end - at));
  at += std::min(rest.find_first_of("\"\\"), rest.size());
  if (at == end) return at;
  *at == '"' ? void(state_ = state::structure) : void(skips_next_ = true);
  return at + 1;
}

const char* wrapped_bytes::in_value(const char* at, const char* end, sink& out) {
  std::array<char, piece_size> piece;
  std::size_t size = 0;
  for (; at != end && size != piece.size() && (state_ == state::value || state_ == state::value_escape); ++at) {
    if (state_ == state::value_escape) {
      in_escape(*at);
    } else if (*at == '"') {
      state_ = digits_ == 1 ? state::failed : state::structure;
    } else if (*at == '\\') {
      state_ = state::value_escape;
    } else {
      take(*at);
    }
    if (held_ < 8) continue;
    held_ = static_cast<std::uint8_t>(held_ - 8);
    piece[size++] = static_cast<char>(bits_ >> held_ & 0xff);
  }
  if (size != 0) out.on_bytes({piece.data(), size});
  return at;
}

/// Some encoders escape the slash, or write + and = as \u002b and \u003d.
void wrapped_bytes::in_escape(char c) {
  if (unicode_ == 0 && c != 'u') {
    state_ = state::value;
    return take(c == '/' ? c : '\\');
  }
  if (unicode_ == 0) {
    unicode_ = 4;
    unit_ = 0;
    return;
  }
  const int digit = net::text::hex_value(c);
  if (digit < 0) return void(state_ = state::failed);
  unit_ = unit_ << 4 | static_cast<unsigned>(digit);
  if (--unicode_ != 0) return;
  state_ = state::value;
  take(unit_ < 0x80 ? static_cast<char>(unit_) : '\\');
}

void wrapped_bytes::take(char c) {
  constexpr std::uint8_t group = 4;
  if (c == '=' && digits_ >= 2 && digits_ + padding_ < group) return void(++padding_);
  const int value = net::text::base64_value(c);
  if (value < 0 || padding_ != 0) return void(state_ = state::failed);
  bits_ = bits_ << 6 | static_cast<std::uint32_t>(value);
  held_ = static_cast<std::uint8_t>(held_ + 6);
  digits_ = static_cast<std::uint8_t>((digits_ + 1) % group);
}

}  // namespace usage
