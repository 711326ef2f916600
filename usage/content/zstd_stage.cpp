#include <zstd.h>

#include <algorithm>
#include <new>

#include "net/deleter.hpp"
#include "usage/content/content_stages.hpp"

namespace usage {
namespace {

// The magic number of a frame is passed byte by byte. If the library sees it whole, it accepts formats older than RFC
// 8878.
constexpr std::size_t magic_size = 4;

class zstd_stage final : public content_decoder::stage {
 public:
  explicit zstd_stage(decode_budget& budget) : context_(ZSTD_createDCtx()), output_(budget) {
    if (!context_) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, content_decoder::max_zstd_window);
  }

  result<void> feed(std::string_view input, content_decoder::sink& out) override {
    ZSTD_inBuffer in{input.data(), 0, 0};
    bool full = false;  // if the output buffer is full, the library may hold more decoded bytes
    while (in.pos < input.size() || full) {
      in.size = magic_seen_ == magic_size ? input.size() : std::min(in.pos + 1, input.size());
      ZSTD_outBuffer piece{output_.begin(), output_.size(), 0};
      const std::size_t code = ZSTD_decompressStream(context_.get(), &piece, &in);
      if (ZSTD_isError(code)) return errc::malformed;
      magic_seen_ = code == 0 ? 0 : std::min(magic_seen_ + 1, magic_size);
      full = piece.pos == piece.size && code != 0;
      if (auto sent = output_.flush(piece.pos, out); sent.has_error()) return sent;
    }
    return {};
  }

  result<void> finish() override {
    if (magic_seen_ != 0) return errc::truncated;
    return {};
  }

 private:
  std::unique_ptr<ZSTD_DCtx, net::deleter<ZSTD_freeDCtx>> context_;
  stage_output output_;
  std::size_t magic_seen_ = 0;  // bytes of it in the frame under way; none between frames
};

}  // namespace

std::unique_ptr<content_decoder::stage> make_zstd_stage(decode_budget& budget) {
  return std::make_unique<zstd_stage>(budget);
}

}  // namespace usage
