#include "net/wire/websocket_encoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace net::wire {
namespace {

constexpr std::size_t longest_length_of_2 = 0xffff;
constexpr int smallest_zlib_window = 9;  // of raw deflate

void append_number(std::string& out, std::uint64_t value, std::size_t size) {
  while (size-- != 0) out += static_cast<char>(value >> (8 * size));
}

}  // namespace

class websocket_encoder::deflater {
 public:
  explicit deflater(int window_bits) {
    // A peer waits for the message, so speed matters more than size.
    constexpr int memory = 8;
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, -window_bits, memory, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~deflater() { deflateEnd(&stream_); }
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  /// All of `text`, flushed to a byte: it ends with deflate_tail, unless nothing has come since the last flush.
  std::string run(std::string_view text) {
    constexpr std::size_t most = 1u << 30;  // zlib counts in 32 bits
    std::string out;
    std::array<char, 16 * 1024> piece;
    do {
      const std::string_view now = text.substr(0, most);
      text.remove_prefix(now.size());
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(now.data()));
      stream_.avail_in = static_cast<uInt>(now.size());
      do {
        stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream_.avail_out = static_cast<uInt>(piece.size());
        ::deflate(&stream_, text.empty() ? Z_SYNC_FLUSH : Z_NO_FLUSH);
        out.append(piece.data(), piece.size() - stream_.avail_out);
      } while (stream_.avail_out == 0);
    } while (!text.empty());
    return out;
  }

 private:
  z_stream stream_{};
};

websocket_encoder::websocket_encoder(websocket_deflate deflate) : deflate_(deflate) {
  deflate_.on = deflate.on && deflate.window_bits >= smallest_zlib_window;
}

websocket_encoder::~websocket_encoder() = default;
websocket_encoder::websocket_encoder(websocket_encoder&&) noexcept = default;

void websocket_encoder::encode(websocket_opcode opcode, bool fin, std::string_view payload,
                               const std::optional<websocket_mask>& mask, std::string& out) {
  const bool compressed = deflate_.on && !is_control(opcode);
  const bool marked = compressed && opcode != websocket_opcode::continuation;
  std::string packed;
  if (compressed) payload = packed = deflated(payload, fin);

  const unsigned masked = mask ? websocket_bit::mask : 0;
  out += static_cast<char>(static_cast<unsigned>(opcode) | (fin ? websocket_bit::fin : 0) |
                           (marked ? websocket_bit::rsv1 : 0));
  if (payload.size() < websocket_length::of_2) {
    out += static_cast<char>(masked | payload.size());
  } else {
    const bool short_length = payload.size() <= longest_length_of_2;
    out += static_cast<char>(masked | (short_length ? websocket_length::of_2 : websocket_length::of_8));
    append_number(out, payload.size(), short_length ? 2 : 8);
  }
  if (mask) out.append(mask->data(), mask->size());
  const std::size_t begin = out.size();
  out += payload;
  if (mask) apply_mask(*mask, 0, payload, out.data() + begin);
}

std::string websocket_encoder::deflated(std::string_view payload, bool fin) {
  if (!deflater_) deflater_ = std::make_unique<deflater>(deflate_.window_bits);
  std::string packed = deflater_->run(payload);
  if (!fin) return packed;
  if (!deflate_.keep_context) deflater_.reset();
  if (!packed.ends_with(deflate_tail)) return std::string(1, '\0');  // an empty stored block (RFC 7692 §7.2.3.6)
  packed.resize(packed.size() - deflate_tail.size());
  return packed;
}

}  // namespace net::wire
