#include "net/wire/websocket_decoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace net::wire {
namespace {

constexpr unsigned other_rsv_bits = 0x30;
constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned length_bits = 0x7f;
constexpr std::size_t code_size = 2;

unsigned byte(char c) {
  return static_cast<unsigned char>(c);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | byte(c);
  return value;
}

bool is_known(websocket_opcode opcode) {
  return static_cast<unsigned>(opcode) <= 2 || opcode == websocket_opcode::close || opcode == websocket_opcode::ping ||
         opcode == websocket_opcode::pong;
}

std::size_t length_size(unsigned start) {
  if (start == websocket_length::of_2) return 2;
  return start == websocket_length::of_8 ? 8 : 0;
}

}  // namespace

/// zlib's inflater of raw deflate. Its window is always the largest, whatever was agreed, for three reasons: a window
/// reads what was made with any smaller one; zlib sees a distance beyond the window only where the output before it has
/// left the buffer, so that a smaller one would refuse by how the bytes were cut; and encoders that agreed to 8 bits
/// may send what zlib made with 9, as zlib has no 8.
class websocket_decoder::inflater {
 public:
  inflater() {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~inflater() { inflateEnd(&stream_); }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Forgets the window, and keeps its memory.
  void restart() noexcept { inflateReset(&stream_); }

  /// Calls `take(piece)`, which may fail, with what all of `input` inflates to.
  template <class Take>
  result<void> run(std::string_view input, Take take);

  /// All that run() read were whole blocks.
  bool between_blocks() const noexcept { return between_blocks_; }

 private:
  z_stream stream_{};
  bool between_blocks_ = true;
};

template <class Take>
result<void> websocket_decoder::inflater::run(std::string_view input, Take take) {
  constexpr std::size_t most = 1u << 30;  // zlib counts in 32 bits
  constexpr int ended_a_block = 128;      // data_type, as inflate() leaves it …
  constexpr int unused_bits = 63;         // … of the last byte
  std::array<char, piece_size> piece;
  for (;;) {
    const std::size_t offered = std::min(input.size(), most);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(offered);
    stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream_.avail_out = static_cast<uInt>(piece.size());
    const int code = ::inflate(&stream_, Z_NO_FLUSH);
    input.remove_prefix(offered - stream_.avail_in);
    const bool filled = stream_.avail_out == 0;
    if (const std::size_t produced = piece.size() - stream_.avail_out; produced != 0) {
      if (auto taken = take(std::string_view(piece.data(), produced)); taken.has_error()) return taken;
    }
    if (code == Z_STREAM_END) {
      // BFINAL may stand in any block (RFC 7692 §7.2.3.4). The next one begins at the next byte and may refer to this
      // one, so the window must stay; inflateReset() would forget it, and setting it again would copy it each time.
      inflateResetKeep(&stream_);
      between_blocks_ = true;
      if (input.empty()) return {};
      continue;
    }
    if (code != Z_OK && code != Z_BUF_ERROR) return errc::malformed;
    if (!input.empty() || filled) continue;
    between_blocks_ = (stream_.data_type & ended_a_block) != 0 && (stream_.data_type & unused_bits) == 0;
    return {};
  }
}

websocket_decoder::websocket_decoder(websocket_sender who, websocket_deflate deflate, const websocket_limits& limits)
    : who_(who), deflate_(deflate), limits_(limits), budget_({.ratio = limits.ratio, .block = limits.block}) {}

websocket_decoder::~websocket_decoder() = default;
websocket_decoder::websocket_decoder(websocket_decoder&&) noexcept = default;

result<void> websocket_decoder::feed(std::string_view bytes, sink& out) {
  while (!bytes.empty() && state_ != state::closed && state_ != state::broken) {
    if (const auto done = step(bytes, out); done.has_error()) {
      state_ = state::broken;
      verdict_ = done.error();
    }
  }
  if (state_ == state::broken) return verdict_;
  return {};
}

void websocket_decoder::release() noexcept {
  if (!open_ && !deflate_.keep_context) inflater_.reset();
}

result<void> websocket_decoder::step(std::string_view& bytes, sink& out) {
  return state_ == state::head ? read_head(bytes, out) : read_payload(bytes, out);
}

result<void> websocket_decoder::read_head(std::string_view& bytes, sink& out) {
  const std::string_view used = bytes.substr(0, need_ - have_);
  std::ranges::copy(used, head_.begin() + static_cast<std::ptrdiff_t>(have_));
  have_ += used.size();
  bytes.remove_prefix(used.size());
  if (have_ < need_) return {};
  if (need_ == start_size) {
    if (auto good = check_start(); good.has_error()) return good;
    need_ += length_size(byte(head_[1]) & length_bits) + (who_ == websocket_sender::client ? mask_.size() : 0);
    if (have_ < need_) return {};
  }
  return begin_frame(out);
}

/// The first two bytes of a head, by themselves and behind the frames before (RFC 6455 §5.2, §5.4, §5.5).
result<void> websocket_decoder::check_start() const {
  const unsigned first = byte(head_[0]);
  const unsigned second = byte(head_[1]);
  const auto opcode = websocket_opcode(first & opcode_bits);
  const bool masked = (second & websocket_bit::mask) != 0;
  const bool continues = opcode == websocket_opcode::continuation;
  if ((first & other_rsv_bits) != 0 || !is_known(opcode)) return errc::malformed;
  if (masked != (who_ == websocket_sender::client)) return errc::malformed;
  // RFC 7692 §6.1: only in the first frame of a message.
  if ((first & websocket_bit::rsv1) != 0 && (!deflate_.on || continues || is_control(opcode))) return errc::malformed;
  if (is_control(opcode)) {
    if ((first & websocket_bit::fin) == 0 || (second & length_bits) > max_control_payload) return errc::malformed;
    return {};
  }
  if (continues != open_) return errc::malformed;
  return {};
}

result<void> websocket_decoder::begin_frame(sink& out) {
  const unsigned first = byte(head_[0]);
  const unsigned start = byte(head_[1]) & length_bits;
  const std::size_t size = length_size(start);
  opcode_ = websocket_opcode(first & opcode_bits);
  fin_ = (first & websocket_bit::fin) != 0;
  length_ = size == 0 ? start : big_endian({head_.data() + start_size, size});
  read_ = 0;
  // RFC 6455 §5.2: in as few bytes as will do, and below 2^63.
  if ((size == 2 && length_ < websocket_length::of_2) || (size == 8 && (length_ >> 16 == 0 || length_ >> 63 != 0))) {
    return errc::malformed;
  }
  if (who_ == websocket_sender::client) std::copy_n(head_.data() + start_size + size, mask_.size(), mask_.begin());
  if (!is_control(opcode_)) {
    if (auto good = begin_data(out); good.has_error()) return good;
  }
  state_ = state::payload;
  have_ = 0;
  need_ = start_size;
  return length_ == 0 ? end_frame(out) : result<void>{};
}

result<void> websocket_decoder::begin_data(sink& out) {
  const bool begins = !open_;
  if (begins) {
    compressed_ = (byte(head_[0]) & websocket_bit::rsv1) != 0;
    fragments_ = 0;
    wire_bytes_ = 0;
    message_left_ = limits_.message;
  }
  if (fragments_ == limits_.fragments || (!compressed_ && length_ > message_left_)) return errc::too_large;
  ++fragments_;
  wire_bytes_ += need_ + length_;
  open_ = true;
  if (begins) out.on_message(opcode_ == websocket_opcode::text);
  return {};
}

result<void> websocket_decoder::read_payload(std::string_view& bytes, sink& out) {
  const bool masked = who_ == websocket_sender::client;
  std::size_t size = std::min<std::uint64_t>(length_ - read_, bytes.size());
  if (is_control(opcode_)) {
    char* to = control_.data() + read_;
    masked ? apply_mask(mask_, read_, bytes.substr(0, size), to) : void(bytes.copy(to, size));
  } else if (masked) {
    std::array<char, piece_size> piece;
    size = std::min(size, piece.size());
    apply_mask(mask_, read_, bytes.substr(0, size), piece.data());
    if (auto taken = take_content({piece.data(), size}, out); taken.has_error()) return taken;
  } else {
    if (auto taken = take_content(bytes.substr(0, size), out); taken.has_error()) return taken;
  }
  bytes.remove_prefix(size);
  read_ += size;
  return read_ == length_ ? end_frame(out) : result<void>{};
}

result<void> websocket_decoder::take_content(std::string_view piece, sink& out) {
  if (compressed_) {
    budget_.earn(piece.size());
    return inflate(piece, out);
  }
  message_left_ -= piece.size();
  out.on_content(piece);
  return {};
}

result<void> websocket_decoder::inflate(std::string_view input, sink& out) {
  if (!inflater_) inflater_ = std::make_unique<inflater>();
  return inflater_->run(input, [&](std::string_view piece) -> result<void> {
    if (piece.size() > message_left_) return errc::too_large;
    if (auto paid = budget_.spend(piece.size()); paid.has_error()) return paid;
    message_left_ -= piece.size();
    out.on_content(piece);
    return budget_.work(out.take_cost());
  });
}

result<void> websocket_decoder::end_frame(sink& out) {
  state_ = state::head;
  if (is_control(opcode_)) return end_control(out);
  return fin_ ? end_message(out) : result<void>{};
}

result<void> websocket_decoder::end_control(sink& out) {
  const std::string_view payload(control_.data(), length_);
  if (opcode_ == websocket_opcode::close) {
    const auto code = static_cast<unsigned>(big_endian(payload.substr(0, code_size)));
    if (!payload.empty() && (payload.size() < code_size || !is_close_code(code))) return errc::malformed;
    state_ = state::closed;
  }
  out.on_control(opcode_, payload);
  return {};
}

result<void> websocket_decoder::end_message(sink& out) {
  if (compressed_) {
    if (auto read = inflate(deflate_tail, out); read.has_error()) return read;
    if (!inflater_->between_blocks()) return errc::malformed;  // cut off, or more than a message
    if (!deflate_.keep_context) inflater_->restart();
  }
  open_ = false;
  out.on_message_end(wire_bytes_);
  return {};
}

}  // namespace net::wire
