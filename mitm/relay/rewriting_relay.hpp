#pragma once

// Relays a connection whose requests may be changed: a reader and a writer per side around a connection_rewriter, with
// the same limits as the plain relay. Used only for hosts that a rule names.

#include <array>
#include <functional>
#include <stop_token>
#include <string_view>

#include "mitm/policy/limits.hpp"
#include "mitm/relay/relay.hpp"
#include "mitm/rewrite/connection_rewriter.hpp"
#include "net/signal.hpp"
#include "net/tls_stream.hpp"
#include "net/watchdog.hpp"

namespace mitm {

class rewriting_relay {
 public:
  struct setup {
    const limits& bounds;
    connection_rewriter& rewriter;
    std::stop_token draining;
    std::function<void(std::string_view reason)> on_detached = {};
  };

  /// Everything given must outlive run().
  rewriting_relay(net::tls_stream& downstream, net::tls_stream& upstream, setup given);

  /// Returns when the connection is over; the rewriter is closed, the sockets are not.
  asio::awaitable<relay_report> run();

 private:
  struct leg {
    leg(net::tls_stream& over, asio::any_io_executor executor) : stream(over), room(executor), work(executor) {}
    net::tls_stream& stream;
    net::signal room;  // the reader may go on
    net::signal work;  // the writer has something to do
    std::uint64_t bytes = 0;
    bool ended = false;  // it sends no more
    bool shut = false;   // we send it no more
    boost::system::error_code how;
  };

  asio::awaitable<void> read_from(side sender);
  asio::awaitable<void> write_to(side receiver);
  asio::awaitable<void> until_room(side sender);
  void take_in(side sender, std::string_view bytes);
  void end_of(side sender, boost::system::error_code error);
  void shut(side receiver);
  void expire();
  void drain();
  void end_at_once();
  void sign_of_life();
  std::chrono::milliseconds limit_now() const;
  void fail(side where, boost::system::error_code code);
  void finish();
  void wake();

  leg& leg_of(side which) { return which == side::downstream ? downstream_ : upstream_; }
  bool idle() const { return setup_.rewriter.current() == connection_tracker::phase::idle; }

  setup setup_;
  asio::any_io_executor executor_;
  leg downstream_;
  leg upstream_;
  net::watchdog watchdog_;
  relay_report report_;
  bool finished_ = false;
  bool draining_ = false;
  bool detached_told_ = false;
  net::watchdog::clock::duration worked_{0};  // in the rewriter since other connections last had a turn
};

}  // namespace mitm
