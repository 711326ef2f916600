#pragma once

// The codings behind content_decoder, one factory each; the budget outlives what it makes.

#include <array>
#include <memory>

#include "usage/content/content_decoder.hpp"

namespace usage {

std::unique_ptr<content_decoder::stage> make_gzip_stage(decode_budget& budget);
std::unique_ptr<content_decoder::stage> make_deflate_stage(decode_budget& budget);
std::unique_ptr<content_decoder::stage> make_brotli_stage(decode_budget& budget);
std::unique_ptr<content_decoder::stage> make_zstd_stage(decode_budget& budget);
/// For a coding that is not known: passes JSON and server-sent events on as they are. Errors: unsupported, for all
/// else.
std::unique_ptr<content_decoder::stage> make_plain_stage(decode_budget& budget);

/// What every stage does with what it decoded: hand it on in bounded pieces, and stop where the budget ends.
class stage_output {
 public:
  explicit stage_output(decode_budget& budget) : budget_(budget) {}

  char* begin() noexcept { return buffer_.data(); }
  static constexpr std::size_t size() noexcept { return content_decoder::piece_size; }

  /// The first `produced` bytes of the buffer are decoded. Errors: too_large, too_dense.
  result<void> flush(std::size_t produced, content_decoder::sink& out) {
    if (auto paid = budget_.spend(produced); paid.has_error()) return told(paid);
    if (produced == 0) return {};
    out.on_content({buffer_.data(), produced});
    return told(budget_.work(out.take_cost()));
  }

 private:
  /// As an error of bodies.
  static result<void> told(const net::wire::result<void>& paid) {
    if (paid.has_value()) return {};
    return paid.error() == net::wire::errc::too_large ? errc::too_large : errc::too_dense;
  }

  decode_budget& budget_;
  std::array<char, content_decoder::piece_size> buffer_;
};

}  // namespace usage
