#pragma once

// What decoding compressed bytes may cost. A few bytes can decode to gigabytes, and other connections wait for the
// decoder's thread. So every input byte earns a number of output bytes, of which at most one block can be saved up.
// The stages of usage's content_decoder and the websocket_decoder spend from it, and so do the readers of what they
// decode.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "net/wire/errc.hpp"

namespace net::wire {

struct decode_limits {
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t total = unlimited;  // bytes that all stages may produce
  std::uint64_t ratio = unlimited;  // bytes that one byte of the input earns
  std::uint64_t block = unlimited;  // the most that can be saved up, and the balance at the start
};

/// In bytes: a step of a scanner takes about as long as skipping this much text.
inline constexpr std::size_t step_cost = 16;

class decode_budget {
 public:
  explicit decode_budget(const decode_limits& bounds) noexcept
      : ratio_(bounds.ratio), block_(bounds.block), total_left_(bounds.total), left_(bounds.block) {}

  /// This many bytes of the input have arrived.
  void earn(std::size_t bytes) noexcept {
    const std::uint64_t room = block_ - left_;
    left_ += ratio_ != 0 && bytes > room / ratio_ ? room : bytes * ratio_;
  }

  /// A stage has produced this many bytes. Errors: too_large (of the total), too_dense (of the rest).
  result<void> spend(std::size_t bytes) noexcept {
    if (bytes > total_left_) return errc::too_large;
    if (auto paid = work(bytes); paid.has_error()) return paid;
    total_left_ -= bytes;
    return {};
  }

  /// Reading the output took as long as this many more bytes would. Errors: too_dense.
  result<void> work(std::size_t bytes) noexcept {
    if (bytes > left_) return errc::too_dense;
    if (block_ != decode_limits::unlimited) left_ -= bytes;
    return {};
  }

 private:
  std::uint64_t ratio_;
  std::uint64_t block_;
  std::uint64_t total_left_;
  std::uint64_t left_;
};

}  // namespace net::wire
