#pragma once

// Finds the ends of frames in the bytes of one direction of a WebSocket (RFC 6455 §5.2), so that each frame can be
// held, passed on or followed by one of ours. It reads no payload, keeps no byte and checks nothing: the decoder does.
// Pure; the WebSocket rewriter has one for each side.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/wire/websocket_frame.hpp"

namespace mitm {

class websocket_cutter {
 public:
  /// A part of one frame.
  struct piece {
    std::string_view bytes;  // as they came, head and payload
    net::wire::websocket_opcode opcode{};
    bool begins = false;  // with the first byte of the frame …
    bool ends = false;    // … and with the last
    bool fin = false;     // the last frame of its message
  };

  /// Takes a piece from the front of `input`, which is not empty.
  piece next(std::string_view& input);

  /// All frames so far are whole, and so are the messages that they belong to.
  bool between_messages() const noexcept { return have_ == 0 && !in_payload_ && !open_; }

 private:
  std::size_t read_head(std::string_view input);

  static constexpr std::size_t start_size = 2;  // of a head: it tells how many bytes follow

  std::array<unsigned char, 14> head_{};  // of the frame, as far as it has come
  std::size_t have_ = 0;
  std::size_t need_ = start_size;
  bool in_payload_ = false;
  std::uint64_t left_ = 0;  // of the payload
  bool open_ = false;       // inside a message
};

}  // namespace mitm
