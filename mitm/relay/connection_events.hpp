#pragma once

// Everything that the interceptor tells the rest of the program. Each call comes from the strand of its connection, so
// an implementation is called from several threads at once. It must neither block nor throw.

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
  boost::asio::ip::tcp::endpoint destination;  // where the client was going
  std::string host;                            // its SNI, or a name of the origin's certificate; empty if unknown
  std::string bypassed = {};                   // describes the program if the connection passes because of it
};

enum class handling : std::uint8_t { intercepted, spliced, refused };

/// Why traffic that is, or may be, of a watched host passed unread.
enum class unread : std::uint8_t {
  bypassed,        // its program refuses our certificate
  client_hello,    // over the limit or malformed: the host is unknown
  hidden_name,     // by ECH: the host is unknown
  protocol,        // we follow none that its ALPN offers
  tls,             // the client offers none that we serve
  no_certificate,  // for the host
  outside_ca,      // configured, but not covered by our CA
  detached,        // the tap gave up
  upgraded,        // a WebSocket, or a tunnel by CONNECT
  body,            // an answer exceeded a limit for decoding
  websocket,       // of a subprotocol or with an extension that is not known
  not_listed,      // a provider's host that the configuration does not watch
};
inline constexpr std::size_t unread_reasons = static_cast<std::size_t>(unread::not_listed) + 1;

struct session_report {
  connection_facts facts;
  mitm::handling handling = handling::refused;
  std::string reason;              // why spliced or refused, in words
  std::optional<unread> not_read;  // as on_unread() was told
  std::uint64_t bytes_up = 0;      // from the client to the origin, TLS removed when intercepted
  std::uint64_t bytes_down = 0;
  std::chrono::milliseconds duration{0};
  bool reused_upstream = false;  // left behind by an earlier client
  std::optional<net::failure> failure;
  client_program program;  // of an intercepted connection that failed
};

/// Observes one intercepted connection; destroyed when it is over.
class connection_observer : public exchange_observer {
 public:
  virtual ~connection_observer() = default;
  /// Calls `done` with the program that made the connection, now or later, from any thread. `done` may outlive the
  /// observer.
  virtual void when_program_known(std::function<void(const client_program&)> done);
};

/// The same as a coroutine, which resumes on the caller's executor. The observer outlives the call.
boost::asio::awaitable<client_program> program_of(connection_observer& observer);

class connection_events {
 public:
  /// Called while the client is connected. If it turns out not to trust us, no exchange follows.
  virtual std::unique_ptr<connection_observer> on_intercepted(const connection_facts& facts) = 0;
  /// The tap could not follow the connection any longer. Its bytes still pass.
  virtual void on_detached(const connection_facts& facts, std::string_view reason) = 0;
  /// A connection that is, or may be, to a watched host is going to be spliced.
  virtual void on_unread(const connection_facts& facts, unread why) = 0;
  /// `first`: the first report for this program at this host. `bypassed`: from now on the program is not intercepted
  /// there for a while.
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
/// One word, for metrics and JSON.
std::string_view to_string(unread why);
/// For people.
std::string_view words_for(unread why);
/// The same by the one word; a word that is not known stands for itself.
std::string_view words_for(std::string_view why);

}  // namespace mitm
