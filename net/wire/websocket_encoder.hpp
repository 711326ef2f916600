#pragma once

// Makes the frames of one direction of a WebSocket (RFC 6455 §5.2), compressed where that was agreed (RFC 7692 §7.2.1).
// For whoever changes messages on their way, or adds some: with a context that is kept, all messages of the direction
// must come from one encoder. Its caller's strand uses it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/wire/websocket_frame.hpp"

namespace net::wire {

class websocket_encoder {
 public:
  /// `deflate` was agreed for this direction. A window of 8 bits is one that zlib cannot make; messages then go as they
  /// are, which every receiver takes (RFC 7692 §6).
  explicit websocket_encoder(websocket_deflate deflate = {});
  ~websocket_encoder();
  websocket_encoder(websocket_encoder&&) noexcept;

  /// Appends one frame to `out`. `fin`: the last of its message. A client gives a mask (RFC 6455 §5.3: a new one that
  /// nobody can guess for every frame), a server none. A control frame has fin and at most max_control_payload bytes.
  /// zlib's memory (about 256 KiB) is kept inside a message, and from message to message only with its context.
  void encode(websocket_opcode opcode, bool fin, std::string_view payload, const std::optional<websocket_mask>& mask,
              std::string& out);

 private:
  class deflater;

  std::string deflated(std::string_view payload, bool fin);

  websocket_deflate deflate_;
  std::unique_ptr<deflater> deflater_;
};

}  // namespace net::wire
