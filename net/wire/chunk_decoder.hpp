#pragma once

// Incremental decoder of the chunked transfer coding (RFC 9112 §7.1). Call feed() until the input is consumed; each
// step yields at most one piece of body, a view of the input. Trailers and extensions are skipped.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/wire/errc.hpp"

namespace net::wire {

class chunk_decoder {
 public:
  /// Bytes of one size line with its extensions, and of all trailer lines together.
  static constexpr std::size_t max_line = 16 * 1024;

  struct step {
    std::size_t consumed;   // bytes of the input that this step consumed
    std::string_view body;  // may be empty
  };

  /// Consumes a prefix of `input` (never empty, unless done()): size and framing bytes, or one run of chunk data.
  /// Errors: malformed, too_large. Both are final.
  result<step> feed(std::string_view input);

  /// The last chunk and its trailers are read; later bytes belong to the next message.
  bool done() const noexcept { return state_ == state::done; }

 private:
  enum class state : std::uint8_t {
    size_first,
    size,
    size_space,
    extension,
    size_lf,
    data,
    data_end,
    data_lf,
    trailer_first,
    trailer,
    last_lf,
    done,
    broken
  };

  void read_framing(char c);
  void read_first_digit(char c);
  void read_size(char c);
  void after_size(char c);
  std::string_view take_data(std::string_view input);
  std::size_t skip_line(std::string_view input);
  void expect_lf(char c, state next);
  void enter(state next);
  void count_line(std::size_t bytes);
  void fail(errc verdict);

  std::uint64_t remaining_ = 0;  // bytes of the current chunk still to come
  std::size_t line_ = 0;         // bytes of the current size line, or of the trailers so far
  errc verdict_{};               // why it is broken
  state state_ = state::size_first;
};

}  // namespace net::wire
