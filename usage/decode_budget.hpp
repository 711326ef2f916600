#pragma once

// What decoding one coded body may cost. A few bytes can decode to gigabytes, and the decoder works on a thread that
// other connections wait for: so what came in earns what may come out, and no more than a block's worth is ever saved
// up. All stages of a content_decoder spend from the one budget, and so does the work on what they produce.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "usage/errc.hpp"

namespace usage {

struct decode_limits {
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t total = unlimited;  // bytes that all stages may produce
  std::uint64_t ratio = unlimited;  // bytes that one byte of the body earns
  std::uint64_t block = unlimited;  // most that can be saved up, and what is there at the start
};

/// In bytes: a step of a scanner takes about as long as that much text that is skipped.
inline constexpr std::size_t step_cost = 16;

class decode_budget {
 public:
  explicit decode_budget(const decode_limits& bounds) noexcept
      : ratio_(bounds.ratio), block_(bounds.block), total_left_(bounds.total), left_(bounds.block) {}

  /// So many bytes of the body have come.
  void earn(std::size_t bytes) noexcept {
    const std::uint64_t room = block_ - left_;
    left_ += ratio_ != 0 && bytes > room / ratio_ ? room : bytes * ratio_;
  }

  /// A stage has produced so many. Errors: too_large (of the total), too_dense (of the rest).
  result<void> spend(std::size_t bytes) noexcept {
    if (bytes > total_left_) return errc::too_large;
    if (auto paid = work(bytes); paid.has_error()) return paid;
    total_left_ -= bytes;
    return {};
  }

  /// What was produced took as long to read as so many bytes more. Errors: too_dense.
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

}  // namespace usage
