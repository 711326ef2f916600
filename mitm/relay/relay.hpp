#pragma once

// Relays bytes between a client and its origin: two pumps and a watchdog on one strand. Bytes pass unchanged and at
// once. The tracker sees each block after it was sent, so the tap can neither delay nor break an exchange. If the tap
// takes long, other connections get a turn between two blocks.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "mitm/policy/limits.hpp"
#include "mitm/tap/connection_tracker.hpp"
#include "net/failure.hpp"
#include "net/stream.hpp"
#include "net/tls_stream.hpp"
#include "net/watchdog.hpp"

namespace mitm {

namespace asio = boost::asio;

/// How a connection ended. No failure: both sides are done, or an idle connection was closed.
struct relay_report {
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  std::optional<net::failure> failure;
  std::optional<side> ended_first;
  /// The client has gone. The upstream is still open and can serve another client until then.
  std::optional<net::watchdog::clock::time_point> upstream_good_until;
  bool may_answer = false;  // it timed out before the origin answered, so a local answer is possible
  /// A reused upstream was not silent when this client's first bytes were to be sent. Nothing was sent or shown to the
  /// tracker, which is still open. `unsent` holds what the client has sent, if anything.
  bool stale = false;
  std::string unsent;
};

struct relay_setup {
  const limits& bounds;
  connection_tracker* tracker;  // nullptr: a tunnel
  std::stop_token draining;     // idle connections end at once, the others after their exchange
  std::function<void(std::string_view reason)> on_detached = {};  // the tracker gave up; called once
  std::chrono::milliseconds keep_upstream{0};  // how long it may wait for the next client; zero: it ends with this one
  bool used_before = false;  // the upstream has served another client, so it must be silent until this one speaks
  std::string first = {};    // what the client has already sent
};

/// Stream is net::tls_stream or net::plain_stream. Everything given must outlive run().
template <class Stream>
class relay {
 public:
  relay(Stream& downstream, Stream& upstream, relay_setup setup);

  /// Returns when the connection is over; the tracker is closed, the sockets are not.
  asio::awaitable<relay_report> run();

 private:
  struct leg {
    Stream& stream;
    std::uint64_t bytes = 0;  // read from it
    bool ended = false;
    bool blocked = false;  // the other side does not accept what was read from it
  };

  struct handed_on {
    boost::system::error_code error;
    std::string rest;
  };

  asio::awaitable<void> pump(side sender);
  handed_on hand_on(side sender, std::string_view bytes);
  bool passed(side sender, boost::system::error_code error);
  void show(side sender, std::string_view bytes);
  bool may_begin(side sender, std::string_view bytes);
  void end_of(side sender, boost::system::error_code error);
  bool leave_upstream();
  void expire();
  void drain();
  void sign_of_life();
  std::chrono::milliseconds limit_now() const;
  bool nothing_in_flight() const;
  void fail(side where, boost::system::error_code code);
  void finish();

  leg& leg_of(side which) { return which == side::downstream ? downstream_ : upstream_; }
  leg& opposite(side which) { return which == side::downstream ? upstream_ : downstream_; }
  connection_tracker::phase phase() const;

  leg downstream_;
  leg upstream_;
  relay_setup setup_;
  asio::any_io_executor executor_;
  net::watchdog watchdog_;
  net::watchdog::clock::time_point last_life_;
  relay_report report_;
  bool finished_ = false;
  bool draining_ = false;
  net::watchdog::clock::duration tapped_{0};  // spent on the tap since other connections last had a turn
};

extern template class relay<net::tls_stream>;
extern template class relay<net::plain_stream>;

}  // namespace mitm
