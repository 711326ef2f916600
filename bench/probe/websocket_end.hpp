#pragma once

// One end of a WebSocket of the bench, behind its handshake: the frames of the messages that it sends, and the content
// of those that it receives. It owns no connection, so that the probe and the origin each keep their own.

#include <functional>
#include <string>
#include <string_view>

#include "net/wire/websocket_decoder.hpp"
#include "net/wire/websocket_encoder.hpp"
#include "net/wire/websocket_frame.hpp"
#include "net/wire/websocket_handshake.hpp"

namespace bench {

/// The key of a handshake, and what is answered to it: the example of RFC 6455 §1.3. The bench has nobody to fool.
inline constexpr std::string_view websocket_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view websocket_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

class websocket_end {
 public:
  /// This end is `self`; `agreed` in the handshake.
  websocket_end(net::wire::websocket_sender self, const net::wire::websocket_terms& agreed);

  /// The frame of a text message.
  std::string text(std::string_view content);

  struct listener {
    std::function<void(std::string_view)> on_content;  // of a message, in pieces
    std::function<void()> on_message_end;
  };
  /// Calls `told` for each piece and each end of a message, pings and the like aside. False: the other end has sent
  /// what is no frame.
  bool feed(std::string_view bytes, const listener& told);

 private:
  bool masks_;  // as a client does
  net::wire::websocket_encoder encoder_;
  net::wire::websocket_decoder decoder_;
};

}  // namespace bench
