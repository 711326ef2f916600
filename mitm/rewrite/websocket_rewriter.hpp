#pragma once

// Changes requests of one WebSocket (RFC 6455), from the first byte behind the handshake. A text message of the client
// that the rules want is held until it is complete, decided about, and sent on: as its frames came, or made anew. All
// else passes at once, control frames also between the frames of a held message. Pure; the HTTP/1.1 and HTTP/2
// rewriters have one for each socket whose messages are requests.
//
//   client ─► frames ─┬─ wanted ──► held ─► rules ─┬─ as they came, or made anew ─► origin
//                     │                            └─ answered ─┐
//                     └─ not wanted, or held too long ──────────┼──────────────────► origin
//   client ◄─ frames ◄── between two messages ◄─────────────────┴──────── frames ◄── origin
//
// Where the client's messages are compressed with one context (RFC 7692 §7.1.1), what the origin's window holds differs
// from the client's as soon as one message was changed or answered. From then on, all data messages are made anew.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"
#include "mitm/rewrite/websocket_cutter.hpp"
#include "mitm/tap/exchange_tap.hpp"
#include "net/memory_budget.hpp"
#include "net/wire/websocket_decoder.hpp"
#include "net/wire/websocket_encoder.hpp"
#include "net/wire/websocket_handshake.hpp"

namespace mitm {

/// The request for a WebSocket, as its messages repeat it.
class socket_request {
 public:
  explicit socket_request(const net::wire::request_head& upgrade);

  /// Of a message; views this.
  net::wire::request_head head() const;
  held_request message(std::string text) const;

 private:
  std::string target_;
  std::string lines_;  // the fields
};

/// Why the messages of a socket are not requests.
inline constexpr std::string_view unknown_extension = "the WebSocket has an extension that is not known";

/// Masks that nobody can guess (RFC 6455 §5.3).
using mask_source = std::function<net::wire::websocket_mask()>;

class websocket_rewriter final : net::wire::websocket_decoder::sink {
 public:
  /// Where the bytes go, in order.
  class sink {
   public:
    /// Bytes for the other side, which the tap sees, too.
    virtual void send(side sender, std::string_view bytes) = 0;
    /// A message of the client that is answered here: the tap sees it, the origin does not.
    virtual void show(std::string_view frame) = 0;
    /// What the rules say about the client's message that comes next.
    virtual void note(const rewrite_note& about) = 0;

   protected:
    ~sink() = default;
  };

  struct limits {
    std::size_t message = 16 * 1024 * 1024;  // decoded bytes of one held message (limits.rewrite_body)
    net::memory_budget* held = nullptr;      // of all that is held (limits.held_bodies); null: unlimited
  };

  /// `terms`: what the handshake agreed to, without an unknown extension. `rules` and `out` outlive the rewriter.
  websocket_rewriter(request_rewriter& rules, socket_request asked, const net::wire::websocket_terms& terms,
                     mask_source masks, limits bounds, sink& out);

  void client(std::string_view bytes);
  void server(std::string_view bytes);
  /// The client will send no more. What is held of a truncated message passes.
  void client_end();

  /// Bytes of answers that wait for the end of a message of the server.
  std::size_t waiting() const noexcept { return answers_.size(); }

 private:
  /// What becomes of the client's data frames.
  enum class course : std::uint8_t {
    passing,  // they pass as they came
    remade,   // they are made anew
    dropped,  // the origin could no longer read them
  };

  void on_message(bool) override {}
  void on_content(std::string_view piece) override;
  void on_message_end(std::uint64_t) override {}
  void on_control(net::wire::websocket_opcode, std::string_view) override {}

  void begin_message(net::wire::websocket_opcode opcode);
  void take_data(const websocket_cutter::piece& piece);
  void end_message();
  void decide();
  void answer(const std::vector<std::string>& events);
  void pass_over(std::string_view why);
  void give_up();
  void drop_held();
  void part_ways();
  void make(std::string_view part, bool fin);
  void insert_answers();

  request_rewriter& rules_;
  const socket_request asked_;
  mask_source masks_;
  limits bounds_;
  sink& out_;

  // What the client sends.
  websocket_cutter frames_;
  net::wire::websocket_decoder decoder_;
  net::wire::websocket_encoder encoder_;
  bool shares_context_;  // of compression, by the messages of the client
  course course_ = course::passing;
  bool lost_ = false;                   // it cannot be followed
  bool holding_ = false;                // the message that is arriving
  net::wire::websocket_opcode next_{};  // of the next frame that is made for it
  std::string raw_;                     // its frames, if held and passing
  std::string text_;                    // its text, if held; else the part that is not made yet
  net::memory_budget::share covered_;   // covers both

  // What the client gets.
  websocket_cutter server_frames_;
  bool server_closed_ = false;
  std::string answers_;  // frames that wait for the end of a message
};

}  // namespace mitm
