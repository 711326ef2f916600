#pragma once

// What the interceptor tells the rest of the program, and nothing more. Called from the strand of the connection that
// it is about, so an implementation is called from several threads at once; it must neither block nor throw.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "mitm/policy/client_program.hpp"
#include "mitm/tap/exchange_tap.hpp"
#include "net/failure.hpp"

namespace mitm {

struct connection_facts {
  boost::asio::ip::tcp::endpoint client;
  boost::asio::ip::tcp::endpoint destination;  // where the client meant to go
  std::string host;                            // its SNI, or a name of the origin's certificate; empty if unknown
};

enum class handling : std::uint8_t { intercepted, spliced, refused };

/// Why traffic of a watched host, or what may be such, passed without being read.
enum class unread : std::uint8_t {
  bypassed,        // its program refuses our certificate
  client_hello,    // over the limit or malformed: nobody knows for which host
  hidden_name,     // by ECH: nobody knows for which host
  protocol,        // by its ALPN
  tls,             // the client offers none that we serve
  no_certificate,  // for the host
  outside_ca,      // configured, but the CA may not speak for it
  detached,        // the tap gave up
  upgraded,        // a WebSocket, or a tunnel by CONNECT
  body,            // an answer passed a limit for decoding
};
inline constexpr std::size_t unread_reasons = static_cast<std::size_t>(unread::body) + 1;

struct session_report {
  connection_facts facts;
  mitm::handling handling = handling::refused;
  std::string reason;          // why spliced or refused, in words
  std::uint64_t bytes_up = 0;  // from the client to the origin, TLS removed when intercepted
  std::uint64_t bytes_down = 0;
  std::chrono::milliseconds duration{0};
  bool reused_upstream = false;  // an earlier client had left its connection to the origin
  std::optional<net::failure> failure;
  client_program program;  // of a connection that failed after it was to be intercepted
};

/// Observes one intercepted connection; destroyed when it is over.
class connection_observer : public exchange_observer {
 public:
  virtual ~connection_observer() = default;
  /// Calls `done` with the program that made the connection, at once or later and from any thread. `done` may outlive
  /// the observer.
  virtual void when_program_known(std::function<void(const client_program&)> done);
};

/// The same for coroutines: the caller goes on where it was. The observer outlives the call.
boost::asio::awaitable<client_program> program_of(connection_observer& observer);

class connection_events {
 public:
  /// The client is still there; it may turn out not to trust us, and then there will be no exchange.
  virtual std::unique_ptr<connection_observer> on_intercepted(const connection_facts& facts) = 0;
  /// The tap of a connection could not follow it any longer; its bytes go on.
  virtual void on_detached(const connection_facts& facts, std::string_view reason) = 0;
  /// A connection is spliced although it is, or may be, one to a watched host: said when that begins.
  virtual void on_unread(const connection_facts& facts, unread why) = 0;
  /// `first`: not told for this program at this host before. `bypassed`: from now on it is left alone there for a
  /// while.
  struct rejection {
    std::string_view host;
    const client_program& program;
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
/// One word, for metrics and documents.
std::string_view to_string(unread why);
/// For people.
std::string_view words_for(unread why);

}  // namespace mitm
