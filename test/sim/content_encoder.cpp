#include "test/sim/content_encoder.hpp"

#include <array>
#include <stdexcept>

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

namespace sim {
namespace {

using block = std::array<char, 16 * 1024>;

class zlib_encoder : public content_encoder {
 public:
  explicit zlib_encoder(int window_bits) {
    if (deflateInit2(&stream_, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::runtime_error("zlib cannot start");
  }
  zlib_encoder(const zlib_encoder&) = delete;
  zlib_encoder& operator=(const zlib_encoder&) = delete;
  ~zlib_encoder() override { deflateEnd(&stream_); }

  std::string encode(std::string_view piece) override { return run(piece, Z_SYNC_FLUSH); }
  std::string finish() override { return run({}, Z_FINISH); }

 private:
  std::string run(std::string_view piece, int flush) {
    std::string out;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
      block room;
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = static_cast<uInt>(room.size());
      deflate(&stream_, flush);
      out.append(room.data(), room.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return out;
  }

  z_stream stream_{};
};

class brotli_encoder : public content_encoder {
 public:
  brotli_encoder() : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_) BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY, 4);
  }

  std::string encode(std::string_view piece) override { return run(piece, BROTLI_OPERATION_FLUSH); }
  std::string finish() override { return run({}, BROTLI_OPERATION_FINISH); }

 private:
  struct release {
    void operator()(BrotliEncoderState* state) const { BrotliEncoderDestroyInstance(state); }
  };

  std::string run(std::string_view piece, BrotliEncoderOperation operation) {
    std::string out;
    auto left = piece.size();
    auto next = reinterpret_cast<const std::uint8_t*>(piece.data());
    do {
      block room;
      auto free_bytes = room.size();
      auto end = reinterpret_cast<std::uint8_t*>(room.data());
      if (!BrotliEncoderCompressStream(state_.get(), operation, &left, &next, &free_bytes, &end, nullptr))
        throw std::runtime_error("brotli failed");
      out.append(room.data(), room.size() - free_bytes);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state_.get()));
    return out;
  }

  std::unique_ptr<BrotliEncoderState, release> state_;
};

class zstd_encoder : public content_encoder {
 public:
  zstd_encoder() : context_(ZSTD_createCCtx()) {}

  std::string encode(std::string_view piece) override { return run(piece, ZSTD_e_flush); }
  std::string finish() override { return run({}, ZSTD_e_end); }

 private:
  struct release {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  std::string run(std::string_view piece, ZSTD_EndDirective directive) {
    std::string out;
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    std::size_t left = 0;
    do {
      block room;
      ZSTD_outBuffer output{room.data(), room.size(), 0};
      left = ZSTD_compressStream2(context_.get(), &output, &in, directive);
      if (ZSTD_isError(left)) throw std::runtime_error("zstd failed");
      out.append(room.data(), output.pos);
    } while (left > 0);
    return out;
  }

  std::unique_ptr<ZSTD_CCtx, release> context_;
};

}  // namespace

std::unique_ptr<content_encoder> make_content_encoder(std::string_view coding) {
  if (coding == "gzip") return std::make_unique<zlib_encoder>(15 + 16);
  if (coding == "deflate") return std::make_unique<zlib_encoder>(15);
  if (coding == "br") return std::make_unique<brotli_encoder>();
  if (coding == "zstd") return std::make_unique<zstd_encoder>();
  return nullptr;
}

}  // namespace sim
