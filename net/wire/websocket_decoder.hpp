#pragma once

// Incremental decoder of one direction of a WebSocket, from the first byte behind the handshake: frames (RFC 6455 §5)
// become messages, which are inflated where that was agreed (RFC 7692 §7.2.2). A tunnel's tap has one for each side and
// feeds it on the strand of its connection.
//
//   +- 2 bytes: fin, opcode, mask bit, length -+- 0, 2 or 8 -+- 0 or 4 -+---------+
//   |                                          | length      | mask     | payload |
//   +------------------------------------------+-------------+----------+---------+
//
//   text "{"a":", ping, continuation "1}"  →  message(text), content "{"a":", control(ping), content "1}", message_end
//
// A message is never collected, so one of any size takes no memory: content that is neither masked nor compressed is a
// view of the input, and all other content passes through a buffer of piece_size on the stack. What the decoder keeps
// is one control frame and, once a compressed message has come, zlib's inflater: 7 KiB and a window of 32 KiB. Nothing
// is allocated for an event, except that inflater at first.
//
// Text and close reasons are not checked for UTF-8: who reads the text as JSON does that.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <boost/system/error_code.hpp>

#include "net/wire/decode_budget.hpp"
#include "net/wire/errc.hpp"
#include "net/wire/websocket_frame.hpp"

namespace net::wire {

struct websocket_limits {
  std::uint64_t message = 4ull << 30;  // bytes of one message, decoded; passing it is too_large
  std::size_t fragments = 64 * 1024;   // frames of one message, empty ones too; passing it is too_large
  std::uint64_t ratio = 128;         // decoded bytes that one byte of compressed payload earns; passing it is too_dense
  std::uint64_t block = 4ull << 20;  // … and that can be saved up, and the balance at the start
};

class websocket_decoder {
 public:
  /// Largest piece given to the sink, except of content that passes as it came.
  static constexpr std::size_t piece_size = 16 * 1024;

  /// Receives what feed() finds. Views are valid during the call.
  class sink {
   public:
    /// A message begins: text, else binary.
    virtual void on_message(bool text) = 0;
    /// The next bytes of the message, unmasked and inflated; never empty.
    virtual void on_content(std::string_view piece) = 0;
    /// `wire_bytes`: all frames of the message, their heads included. Control frames between them do not count.
    virtual void on_message_end(std::uint64_t wire_bytes) = 0;
    /// close, ping or pong, maybe in the middle of a message. A close has no payload, or a code of 2 bytes (big endian)
    /// and a reason.
    virtual void on_control(websocket_opcode opcode, std::string_view payload) = 0;
    /// What the pieces since the last call cost beyond their size, as a number of bytes that take as long to read.
    /// Asked behind each inflated piece, and spent from its budget.
    virtual std::size_t take_cost() { return 0; }

   protected:
    ~sink() = default;
  };

  /// `who` sends these frames: a client masks all of them, a server none. `deflate` was agreed for this direction.
  explicit websocket_decoder(websocket_sender who, websocket_deflate deflate = {}, const websocket_limits& limits = {});
  ~websocket_decoder();
  websocket_decoder(websocket_decoder&&) noexcept;

  /// Uses all of `bytes` unless it fails. What comes behind a close frame is dropped unread, as its receiver does (RFC
  /// 6455 §1.4). Errors: malformed, too_large, too_dense. Errors are final, and nothing is told behind one.
  result<void> feed(std::string_view bytes, sink& out);

  /// Gives the inflater's memory back, if it is not needed for what comes: between messages, and where no context is
  /// kept. For a socket that has become quiet; the next compressed message allocates it again.
  void release() noexcept;

 private:
  class inflater;
  enum class state : std::uint8_t { head, payload, closed, broken };

  result<void> step(std::string_view& bytes, sink& out);
  result<void> read_head(std::string_view& bytes, sink& out);
  result<void> check_start() const;
  result<void> begin_frame(sink& out);
  result<void> begin_data(sink& out);
  result<void> read_payload(std::string_view& bytes, sink& out);
  result<void> take_content(std::string_view piece, sink& out);
  result<void> inflate(std::string_view input, sink& out);
  result<void> end_frame(sink& out);
  result<void> end_control(sink& out);
  result<void> end_message(sink& out);

  static constexpr std::size_t start_size = 2;  // of a head: it tells how many bytes follow
  static constexpr std::size_t longest_head = 14;

  websocket_sender who_;
  state state_ = state::head;
  bool open_ = false;        // inside a message
  bool compressed_ = false;  // … with RSV1 in its first frame
  websocket_deflate deflate_;
  websocket_limits limits_;

  std::array<char, longest_head> head_{};  // of the frame, as far as it has come
  std::size_t have_ = 0;
  std::size_t need_ = start_size;
  websocket_opcode opcode_{};
  bool fin_ = false;
  websocket_mask mask_{};
  std::uint64_t length_ = 0;  // of its payload
  std::uint64_t read_ = 0;    // … so far

  std::array<char, max_control_payload> control_{};
  std::size_t fragments_ = 0;       // frames of the message so far
  std::uint64_t wire_bytes_ = 0;    // … and their bytes
  std::uint64_t message_left_ = 0;  // decoded bytes it may still have
  decode_budget budget_;
  std::unique_ptr<inflater> inflater_;
  boost::system::error_code verdict_;
};

}  // namespace net::wire
