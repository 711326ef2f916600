#include "app/rewrite/content_encoder.hpp"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/text/ascii.hpp"
#include "net/wire/message_head.hpp"

namespace app::rewrite {
namespace {

// A client waits for the request, so speed matters more than size.
constexpr int zlib_level = 1;
constexpr int brotli_quality = 3;
constexpr int brotli_window = 22;
constexpr int zstd_level = 1;

constexpr int zlib_wrapper = 15;  // window bits, RFC 1950
constexpr int gzip_wrapper = 15 + 16;

using encoded = usage::result<std::string>;

/// zlib counts in 32 bits.
constexpr std::size_t longest_piece = 1u << 30;

encoded deflated(std::string_view text, int wrapper) {
  z_stream stream{};
  constexpr int memory = 8;
  if (deflateInit2(&stream, zlib_level, Z_DEFLATED, wrapper, memory, Z_DEFAULT_STRATEGY) != Z_OK) {
    return usage::errc::unsupported;
  }
  std::string out;
  std::array<char, 64 * 1024> piece;
  int status = Z_OK;
  while (status == Z_OK) {
    if (stream.avail_in == 0) {
      const auto next = text.substr(0, longest_piece);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(next.data()));
      stream.avail_in = static_cast<uInt>(next.size());
      text.remove_prefix(next.size());
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = ::deflate(&stream, text.empty() ? Z_FINISH : Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return usage::errc::unsupported;
  return out;
}

encoded gzip(std::string_view text) {
  return deflated(text, gzip_wrapper);
}
encoded zlib(std::string_view text) {
  return deflated(text, zlib_wrapper);
}

encoded brotli(std::string_view text) {
  std::string out(BrotliEncoderMaxCompressedSize(text.size()), '\0');
  std::size_t size = out.size();
  const auto done = BrotliEncoderCompress(brotli_quality, brotli_window, BROTLI_MODE_TEXT, text.size(),
                                          reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                          reinterpret_cast<std::uint8_t*>(out.data()));
  if (done == BROTLI_FALSE) return usage::errc::unsupported;
  out.resize(size);
  return out;
}

encoded zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const auto size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), zstd_level);
  if (ZSTD_isError(size) != 0) return usage::errc::unsupported;
  out.resize(size);
  return out;
}

struct coding {
  std::string_view name;
  encoded (*encode)(std::string_view);
};

constexpr std::array known{coding{"gzip", gzip}, coding{"x-gzip", gzip}, coding{"deflate", zlib}, coding{"br", brotli},
                           coding{"zstd", zstd}};

}  // namespace

encoded encode_content(std::string_view codings, std::string text) {
  while (!codings.empty()) {
    const auto name = net::text::take_item(codings);
    if (name.empty() || net::text::iequals(name, "identity")) continue;
    const auto* found =
        std::ranges::find_if(known, [&](const coding& one) { return net::text::iequals(one.name, name); });
    if (found == known.end()) return usage::errc::unsupported;
    auto next = found->encode(text);
    if (next.has_error()) return next;
    text = std::move(*next);
  }
  return text;
}

}  // namespace app::rewrite
