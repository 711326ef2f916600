#pragma once

// The codings behind content_decoder, one factory each.

#include <array>
#include <cstdint>
#include <memory>

#include "usage/content_decoder.hpp"

namespace usage {

std::unique_ptr<content_decoder::stage> make_gzip_stage(std::uint64_t limit);
std::unique_ptr<content_decoder::stage> make_deflate_stage(std::uint64_t limit);
std::unique_ptr<content_decoder::stage> make_brotli_stage(std::uint64_t limit);
std::unique_ptr<content_decoder::stage> make_zstd_stage(std::uint64_t limit);

/// What every stage does with what it decoded: hand it on in bounded pieces, and stop at the limit.
class stage_output {
 public:
  explicit stage_output(std::uint64_t limit) : left_(limit) {}

  char* begin() noexcept { return buffer_.data(); }
  static constexpr std::size_t size() noexcept { return content_decoder::piece_size; }

  /// The first `produced` bytes of the buffer are decoded. Errors: too_large.
  result<void> flush(std::size_t produced, content_decoder::sink& out) {
    if (produced > left_) return errc::too_large;
    left_ -= produced;
    if (produced != 0) out.on_content({buffer_.data(), produced});
    return {};
  }

 private:
  std::uint64_t left_;
  std::array<char, content_decoder::piece_size> buffer_;
};

}  // namespace usage
