#include "net/wire/chunk_decoder.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "net/text/hex.hpp"

namespace net::wire {
namespace {

constexpr std::uint8_t no_digit = 0xff;

constexpr auto hex_values = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < table.size(); ++c)
    table[c] = static_cast<std::uint8_t>(text::hex_value(static_cast<char>(c)));  // no_digit for -1
  return table;
}();

}  // namespace

result<chunk_decoder::step> chunk_decoder::feed(std::string_view input) {
  std::size_t at = 0;
  while (at < input.size() && state_ != state::done && state_ != state::broken) {
    if (state_ == state::data) {
      const std::string_view body = take_data(input.substr(at));
      return step{at + body.size(), body};
    }
    if (state_ == state::extension || state_ == state::trailer) {
      at += skip_line(input.substr(at));
    } else {
      read_framing(input[at++]);
    }
  }
  if (state_ == state::broken) return verdict_;
  return step{at, {}};
}

void chunk_decoder::read_framing(char c) {
  switch (state_) {
    case state::size_first:
      return read_first_digit(c);
    case state::size:
      return read_size(c);
    case state::size_space:
      return after_size(c);
    case state::size_lf:
      return expect_lf(c, remaining_ == 0 ? state::trailer_first : state::data);
    case state::data_end:
      if (c == '\r') return enter(state::data_lf);
      return expect_lf(c, state::size_first);
    case state::data_lf:
      return expect_lf(c, state::size_first);
    case state::trailer_first:
      if (c == '\r') return enter(state::last_lf);
      if (c == '\n') return enter(state::done);
      state_ = state::trailer;
      return count_line(1);
    case state::last_lf:
      return expect_lf(c, state::done);
    case state::extension:
    case state::trailer:
    case state::data:
    case state::done:
    case state::broken:
      return;
  }
}

void chunk_decoder::read_first_digit(char c) {
  line_ = 0;
  remaining_ = 0;
  if (hex_values[static_cast<unsigned char>(c)] == no_digit) return fail(errc::malformed);
  state_ = state::size;
  read_size(c);
}

void chunk_decoder::read_size(char c) {
  const std::uint8_t digit = hex_values[static_cast<unsigned char>(c)];
  if (digit == no_digit) return after_size(c);
  if (remaining_ > std::numeric_limits<std::uint64_t>::max() / 16) return fail(errc::too_large);
  remaining_ = remaining_ * 16 + digit;
  count_line(1);
}

/// Some origins pad the size with spaces to a fixed width, before an extension or the end of the line.
void chunk_decoder::after_size(char c) {
  switch (c) {
    case '\r':
      return enter(state::size_lf);
    case '\n':
      return expect_lf(c, remaining_ == 0 ? state::trailer_first : state::data);
    case ';':
      state_ = state::extension;
      return count_line(1);
    case ' ':
    case '\t':
      state_ = state::size_space;
      return count_line(1);
    default:
      return fail(errc::malformed);
  }
}

std::string_view chunk_decoder::take_data(std::string_view input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
  remaining_ -= size;
  if (remaining_ == 0) state_ = state::data_end;
  return input.substr(0, size);
}

/// An observer only needs to know where extensions and trailers end.
std::size_t chunk_decoder::skip_line(std::string_view input) {
  const std::size_t lf = input.find('\n');
  const std::size_t used = lf == std::string_view::npos ? input.size() : lf + 1;
  count_line(used);
  if (lf == std::string_view::npos || state_ == state::broken) return used;
  enter(state_ == state::trailer || remaining_ == 0 ? state::trailer_first : state::data);
  return used;
}

void chunk_decoder::expect_lf(char c, state next) {
  if (c != '\n') return fail(errc::malformed);
  enter(next);
}

void chunk_decoder::enter(state next) {
  if (next == state::trailer_first && state_ != state::trailer) line_ = 0;
  state_ = next;
}

void chunk_decoder::count_line(std::size_t bytes) {
  line_ += bytes;
  if (line_ > max_line) fail(errc::too_large);
}

void chunk_decoder::fail(errc verdict) {
  state_ = state::broken;
  verdict_ = verdict;
}

}  // namespace net::wire
