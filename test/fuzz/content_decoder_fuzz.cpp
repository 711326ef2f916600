// The first byte picks the codings. Whole and in pieces a body decodes to the same text up to the same verdict, in
// bounded pieces and never over the limit.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "usage/content/content_decoder.hpp"

namespace {

using usage::content_decoder;

constexpr std::uint64_t limit = 1 << 20;
constexpr std::array<std::string_view, 8> codings{"gzip",       "deflate", "br",         "zstd",
                                                  "gzip, gzip", "br,gzip", "zstd, gzip", "identity"};

class collector final : public content_decoder::sink {
 public:
  void on_content(std::string_view piece) override {
    if (piece.empty()) std::abort();
    text += piece;
  }

  std::string text;
};

struct outcome {
  std::string text;
  bool good;
};

outcome decode(std::string_view coding, std::string_view body, std::size_t size) {
  auto decoder = content_decoder::make(coding, limit);
  if (decoder.has_error()) std::abort();
  collector out;
  bool good = true;
  for (std::size_t at = 0; at < body.size() && good; at += size)
    good = decoder->feed(std::string(body.substr(at, size)), out).has_value();
  if (good) good = decoder->finish().has_value();
  return {out.text, good};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view coding = codings[bytes[0] % codings.size()];
  const std::string_view body(reinterpret_cast<const char*>(bytes + 1), size - 1);
  const outcome whole = decode(coding, body, size);
  if (coding != "identity" && whole.text.size() > limit) std::abort();
  for (const std::size_t piece : {1, 7}) {
    const outcome cut = decode(coding, body, piece);
    // What was decoded before an error depends on where the pieces end; a good body does not.
    if (cut.good != whole.good || (whole.good && cut.text != whole.text)) std::abort();
  }
  return 0;
}
