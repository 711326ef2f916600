#pragma once

// What the interceptor tells the rest of the program, and nothing more. Called from the strand of the connection that it
// is about, so an implementation is called from several threads at once; it must neither block nor throw.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "mitm/exchange_tap.hpp"
#include "net/failure.hpp"

namespace mitm {

struct connection_facts {
  boost::asio::ip::tcp::endpoint client;
  boost::asio::ip::tcp::endpoint destination;  // where the client meant to go
  std::string host;                            // its SNI, or a name of the origin's certificate; empty if unknown
};

enum class handling : std::uint8_t { intercepted, spliced, refused };

struct session_report {
  connection_facts facts;
  mitm::handling handling = handling::refused;
  std::string reason;            // why spliced or refused, in words
  std::uint64_t bytes_up = 0;    // from the client to the origin, TLS removed when intercepted
  std::uint64_t bytes_down = 0;
  std::chrono::milliseconds duration{0};
  bool reused_upstream = false;  // an earlier client had left its connection to the origin
  std::optional<net::failure> failure;
};

/// Observes one intercepted connection; destroyed when it is over.
class connection_observer : public exchange_observer {
 public:
  virtual ~connection_observer() = default;
  /// A number for the user whose process made the connection; nothing: not known, which no two connections share.
  virtual boost::asio::awaitable<std::optional<std::int64_t>> user();
};

class connection_events {
 public:
  /// The client is still there; it may turn out not to trust us, and then there will be no exchange.
  virtual std::unique_ptr<connection_observer> on_intercepted(const connection_facts& facts) = 0;
  /// The tap of a connection could not follow it any longer; its bytes go on.
  virtual void on_detached(const connection_facts& facts, std::string_view reason) = 0;
  /// `first`: not told for this host before. `bypassed`: from now on the host is left alone for a while.
  struct rejection {
    std::string_view host;
    std::string_view why;
    bool first;
    bool bypassed;
  };
  virtual void on_rejected(const rejection& what) = 0;
  virtual void on_session_end(const session_report& report) = 0;

 protected:
  ~connection_events() = default;
};

std::string_view to_string(handling what);

}  // namespace mitm
