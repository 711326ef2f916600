#pragma once

// Real encoders for the tests of what decodes.

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace usage::compress {

enum class wrapper : int { gzip = 15 + 16, zlib = 15, raw = -15 };

inline std::string deflate(std::string_view text, wrapper how) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, static_cast<int>(how), 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2");
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string gzip(std::string_view text) {
  return deflate(text, wrapper::gzip);
}

inline std::string brotli(std::string_view text) {
  std::string out(BrotliEncoderMaxCompressedSize(text.size()) + 64, '\0');
  std::size_t size = out.size();
  BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(), reinterpret_cast<const uint8_t*>(text.data()), &size,
                        reinterpret_cast<uint8_t*>(out.data()));
  out.resize(size);
  return out;
}

inline std::string zstd(std::string_view text, int window_log = 0) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  if (window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

// What an encoder has sent after a flush, in the middle of its stream.

inline std::string flushed_gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, static_cast<int>(wrapper::gzip), 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 256, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_SYNC_FLUSH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string flushed_zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_flush);
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

inline std::string flushed_brotli(std::string_view text) {
  std::string out(text.size() + 256, '\0');
  BrotliEncoderState* state = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
  std::size_t left = text.size(), room = out.size();
  const auto* next = reinterpret_cast<const uint8_t*>(text.data());
  auto* to = reinterpret_cast<uint8_t*>(out.data());
  BrotliEncoderCompressStream(state, BROTLI_OPERATION_FLUSH, &left, &next, &room, &to, nullptr);
  BrotliEncoderDestroyInstance(state);
  out.resize(out.size() - room);
  return out;
}

/// By the name it has in Content-Encoding; "" is identity.
inline std::string as(std::string_view coding, std::string_view text) {
  if (coding == "gzip") return gzip(text);
  if (coding == "deflate") return deflate(text, wrapper::zlib);
  if (coding == "br") return brotli(text);
  if (coding == "zstd") return zstd(text);
  return std::string(text);
}

}  // namespace usage::compress
