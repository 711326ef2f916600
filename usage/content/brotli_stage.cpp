#include <brotli/decode.h>

#include <new>

#include "net/deleter.hpp"
#include "usage/content/content_stages.hpp"

namespace usage {
namespace {

class brotli_stage final : public content_decoder::stage {
 public:
  explicit brotli_stage(decode_budget& budget)
      : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)), output_(budget) {
    if (!state_) throw std::bad_alloc();
  }

  result<void> feed(std::string_view input, content_decoder::sink& out) override {
    if (input.empty()) return {};
    seen_ = true;
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    std::size_t left = input.size();
    for (;;) {
      auto* next_out = reinterpret_cast<std::uint8_t*>(output_.begin());
      std::size_t room = output_.size();
      const auto code = BrotliDecoderDecompressStream(state_.get(), &left, &next_in, &room, &next_out, nullptr);
      if (auto sent = output_.flush(output_.size() - room, out); sent.has_error()) return sent;
      if (code == BROTLI_DECODER_RESULT_ERROR) return errc::malformed;
      // After a flush inside the stream the library asks for input although it still holds decoded bytes.
      if (code != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && !BrotliDecoderHasMoreOutput(state_.get())) break;
    }
    if (left != 0) return errc::malformed;  // bytes after the end of the stream
    return {};
  }

  result<void> finish() override {
    if (seen_ && !BrotliDecoderIsFinished(state_.get())) return errc::truncated;
    return {};
  }

 private:
  std::unique_ptr<BrotliDecoderState, net::deleter<BrotliDecoderDestroyInstance>> state_;
  stage_output output_;
  bool seen_ = false;
};

}  // namespace

std::unique_ptr<content_decoder::stage> make_brotli_stage(decode_budget& budget) {
  return std::make_unique<brotli_stage>(budget);
}

}  // namespace usage
