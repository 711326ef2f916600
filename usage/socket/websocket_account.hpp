#pragma once

// Everything the ledger learns from one WebSocket (RFC 6455) of a provider: a record for each turn, given as soon as
// its terminal event has passed. A socket can go on for an hour. Pure and bounded: messages stream through the decoder
// and a JSON scanner; nothing but the selected members is kept.
//
//   client bytes ─► frames, inflate ─► members of the request ─► begins a turn ┐
//                                                                             ├─► sink::on_turn
//   server bytes ─► frames, inflate ─► members of the event ─► its turn        ┘

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/wire/message_head.hpp"
#include "net/wire/websocket_decoder.hpp"
#include "usage/answer_members.hpp"
#include "usage/attribution.hpp"
#include "usage/exchange_account.hpp"
#include "usage/json/json_scanner.hpp"
#include "usage/request_reader.hpp"
#include "usage/socket/socket_dialect.hpp"
#include "usage/socket/socket_event.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// What the request for a socket says about its turns.
struct socket_upgrade {
  /// Views are not kept.
  socket_upgrade(std::string_view host, const net::wire::request_head& head);

  const socket_dialect* dialect;  // nullptr: of no API that is read
  usage_record record;            // what all turns share
  evidence header;
  std::string model;  // as the target names it
};

class websocket_account {
 public:
  /// Open turns of one socket. Providers allow far fewer; each costs about 2 KB.
  static constexpr std::size_t max_turns = 256;

  class sink {
   public:
    /// Times are set. `parsed`: everything selected was understood. Must not throw.
    virtual void on_turn(usage_record&& record, bool parsed) = 0;

   protected:
    ~sink() = default;
  };

  /// `head` accepted the upgrade. `turns` outlives the account.
  websocket_account(socket_upgrade upgrade, const net::wire::response_head& head, const account_limits& limits,
                    sink& turns);
  ~websocket_account();
  websocket_account(const websocket_account&) = delete;
  websocket_account& operator=(const websocket_account&) = delete;

  /// Bytes as they passed, at `now` (Unix ms; of a clock that does not jump).
  void client_bytes(std::string_view bytes, std::int64_t now);
  void server_bytes(std::string_view bytes, std::int64_t now);
  /// What the user's rules did to the client's message that comes next, as usage_record has it. `answered`: here, so
  /// that its turn spends nothing.
  void rewritten(std::string rules, std::string changes, bool answered);
  /// Call once. Turns still open end as interrupted.
  void end(std::int64_t now);

  /// Why the socket is not, or no longer, read, in a few words; empty: it is. Its open turns have ended as interrupted.
  std::string_view unread() const noexcept { return unread_; }

 private:
  struct turn;
  struct rewrite_remark {
    std::string rules;
    std::string changes;
    bool answered = false;
  };
  class client_messages;
  class server_messages;

  turn* find(const socket_event& event);
  turn* open(std::string_view stream, std::int64_t size);
  void asked(const client_messages& message, std::int64_t size);
  void told(const socket_event& event, std::int64_t size);
  void side_call(const socket_event& event, std::int64_t size);
  void finish(turn& one, bool cut);
  void finish_all();
  void release() noexcept;
  void give_up(std::string_view why);

  socket_upgrade upgrade_;
  const account_limits limits_;
  sink& sink_;
  std::unique_ptr<client_messages> client_;
  std::unique_ptr<server_messages> server_;
  std::vector<std::unique_ptr<turn>> turns_;  // oldest first
  std::string session_model_;                 // of turns that name none
  rewrite_remark remark_;                     // about the client's message that comes next
  std::int64_t now_ = 0;
  std::string_view unread_;  // a literal
};

}  // namespace usage
