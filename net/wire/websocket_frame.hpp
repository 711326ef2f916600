#pragma once

// What both ends of a WebSocket know of its frames (RFC 6455 §5.2): opcodes, masks and close codes, and how the
// messages of one direction are compressed (RFC 7692 §7.1). The decoder and the encoder use it; nothing here keeps
// state.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace net::wire {

enum class websocket_sender : std::uint8_t { client, server };

enum class websocket_opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// In the first byte of a frame, beside the opcode, and in the second, beside the length.
namespace websocket_bit {
inline constexpr unsigned fin = 0x80;   // the last frame of its message
inline constexpr unsigned rsv1 = 0x40;  // the first frame of a compressed message
inline constexpr unsigned mask = 0x80;  // in the second byte
}  // namespace websocket_bit

/// In place of a length that does not fit into seven bits: it follows in as many bytes.
namespace websocket_length {
inline constexpr unsigned of_2 = 126;
inline constexpr unsigned of_8 = 127;
}  // namespace websocket_length

/// close, ping and pong: never fragmented, at most max_control_payload bytes, allowed between the fragments of a
/// message.
constexpr bool is_control(websocket_opcode opcode) noexcept {
  return (static_cast<unsigned>(opcode) & 8) != 0;
}

inline constexpr std::size_t max_control_payload = 125;

/// What was agreed about permessage-deflate for the messages of one direction. parse_websocket_terms() fills it.
struct websocket_deflate {
  bool on = false;
  int window_bits = 15;      // log2 of the LZ77 window of the sender, 8–15
  bool keep_context = true;  // the window stays from message to message ("context takeover")

  bool operator==(const websocket_deflate&) const = default;
};

/// What a sender takes off the end of each compressed message, and the receiver puts there again (RFC 7692 §7.2.1): the
/// rest of an empty stored block.
inline constexpr std::string_view deflate_tail("\0\0\xff\xff", 4);

/// A code that may stand in a close frame (RFC 6455 §7.4 and IANA's registry). 1005, 1006 and 1015 only stand for what
/// was seen without one.
constexpr bool is_close_code(unsigned code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

using websocket_mask = std::array<char, 4>;

/// Masks or unmasks (RFC 6455 §5.3) `from` into `to`, which has as much room and is the same memory or another.
/// `offset` is the place of the first byte in the payload of its frame.
void apply_mask(const websocket_mask& mask, std::uint64_t offset, std::string_view from, char* to) noexcept;

}  // namespace net::wire
