#pragma once

// The turns of one WebSocket: reads what the client wishes and sends what answers it. Used on the connection's strand.

#include <deque>
#include <map>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "test/sim/websocket/dialect.hpp"
#include "test/sim/websocket/socket.hpp"

namespace sim::websocket {

class session {
 public:
  /// All of them outlive the session.
  session(exchange& x, socket& wire, dialect& language);

  /// Returns when the socket has ended and every turn has been written to the journal.
  asio::awaitable<void> run();

 private:
  struct request {
    turn asked;
    std::string sha256;  // of the message that asked
  };
  struct lane {
    std::deque<request> waiting;
    bool running = false;
    bool cancelled = false;
  };
  enum class ending : std::uint8_t { whole, cut, stalled };

  asio::awaitable<void> send_all(std::vector<std::string> messages);
  asio::awaitable<void> fulfil(wish asked, std::string_view message);
  asio::awaitable<void> run_lane(lane& own);
  asio::awaitable<void> run_turn(lane& own, request asked);
  asio::awaitable<ending> send_events(lane& own, const turn& running, journal_entry& entry, digest& sent);

  exchange& exchange_;
  socket& socket_;
  dialect& dialect_;
  std::map<std::string, lane> lanes_;
  std::size_t running_ = 0;  // lanes
  bool closed_ = false;      // for reading
  asio::steady_timer news_;  // cancelled when one of the two changes
};

}  // namespace sim::websocket
