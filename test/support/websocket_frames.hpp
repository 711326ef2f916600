#pragma once

// Frames of a WebSocket (RFC 6455 §5.2), written byte by byte, so that a test can also send what no encoder would; and
// a sink that writes down what a decoder told.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/wire/websocket_decoder.hpp"

namespace support::websocket {

using net::wire::websocket_opcode;

inline constexpr std::string_view mask = "\x37\xfa\x21\x3d";  // of RFC 6455 §5.7

struct form {
  bool fin = true;
  unsigned rsv = 0;  // 4: RSV1, 2: RSV2, 1: RSV3
  bool masked = false;
};

inline constexpr form whole{};
inline constexpr form part{.fin = false};
inline constexpr form packed{.rsv = 4};
inline constexpr form packed_part{.fin = false, .rsv = 4};

/// The same as a client sends it.
constexpr form from_client(form how) {
  how.masked = true;
  return how;
}

/// `length_size`: bytes of the length behind the second byte, 0, 2 or 8.
inline std::string head(unsigned opcode, std::uint64_t length, std::size_t length_size, form how = {}) {
  std::string out;
  out += static_cast<char>((how.fin ? 0x80u : 0u) | how.rsv << 4 | opcode);
  const auto start = length_size == 0 ? static_cast<unsigned>(length) : length_size == 2 ? 126u : 127u;
  out += static_cast<char>((how.masked ? 0x80u : 0u) | start);
  for (std::size_t i = length_size; i-- != 0;) out += static_cast<char>(length >> (8 * i));
  if (how.masked) out += mask;
  return out;
}

inline std::string frame(websocket_opcode opcode, std::string_view payload, form how = {}) {
  const std::size_t length_size = payload.size() < 126 ? 0 : payload.size() <= 0xffff ? 2 : 8;
  std::string out = head(static_cast<unsigned>(opcode), payload.size(), length_size, how);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += how.masked ? static_cast<char>(payload[i] ^ mask[i % mask.size()]) : payload[i];
  }
  return out;
}

inline std::string text(std::string_view payload, form how = {}) {
  return frame(websocket_opcode::text, payload, how);
}
inline std::string binary(std::string_view payload, form how = {}) {
  return frame(websocket_opcode::binary, payload, how);
}
inline std::string more(std::string_view payload, form how = {}) {
  return frame(websocket_opcode::continuation, payload, how);
}
inline std::string ping(std::string_view payload, form how = {}) {
  return frame(websocket_opcode::ping, payload, how);
}
inline std::string pong(std::string_view payload, form how = {}) {
  return frame(websocket_opcode::pong, payload, how);
}
inline std::string close(std::string_view payload = {}, form how = {}) {
  return frame(websocket_opcode::close, payload, how);
}

/// `text{content}7` for a message of 7 bytes on the wire, `<ping:payload>` for a control frame.
struct transcript final : net::wire::websocket_decoder::sink {
  void on_message(bool is_text) override { told += is_text ? "text{" : "binary{"; }
  void on_content(std::string_view piece) override { told += piece; }
  void on_message_end(std::uint64_t wire_bytes) override { told += "}" + std::to_string(wire_bytes); }
  void on_control(websocket_opcode opcode, std::string_view payload) override {
    const char* name = opcode == websocket_opcode::close ? "close" : opcode == websocket_opcode::ping ? "ping" : "pong";
    told += "<" + std::string(name) + ":" + std::string(payload) + ">";
  }
  std::string told;
};

}  // namespace support::websocket
