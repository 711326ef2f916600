#include <zstd.h>

#include <new>

#include "usage/content_stages.hpp"

namespace usage {
namespace {

struct destroy {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class zstd_stage final : public content_decoder::stage {
 public:
  explicit zstd_stage(std::uint64_t limit) : context_(ZSTD_createDCtx()), output_(limit) {
    if (!context_) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, content_decoder::max_zstd_window);
  }

  result<void> feed(std::string_view input, content_decoder::sink& out) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    bool full = false;  // a full output buffer may leave decoded bytes behind in the library
    while (in.pos < in.size || full) {
      ZSTD_outBuffer piece{output_.begin(), output_.size(), 0};
      const std::size_t code = ZSTD_decompressStream(context_.get(), &piece, &in);
      if (ZSTD_isError(code)) return errc::malformed;
      open_ = code != 0;
      full = piece.pos == piece.size && open_;
      if (auto sent = output_.flush(piece.pos, out); sent.has_error()) return sent;
    }
    return {};
  }

  result<void> finish() override {
    if (open_) return errc::truncated;
    return {};
  }

 private:
  std::unique_ptr<ZSTD_DCtx, destroy> context_;
  stage_output output_;
  bool open_ = false;  // inside a frame
};

}  // namespace

std::unique_ptr<content_decoder::stage> make_zstd_stage(std::uint64_t limit) {
  return std::make_unique<zstd_stage>(limit);
}

}  // namespace usage
