#pragma once

// Programs that refuse our certificate for a host, and are therefore not intercepted there for a while. Each program
// (executable and uid) is counted separately, so one never switches off the accounting of another. This is a refusal:
//
// - an alert that names the certificate (RFC 8446, 6.2: bad_certificate, unsupported_certificate, certificate_revoked,
//   certificate_expired, certificate_unknown, unknown_ca, bad_certificate_status_response), in the handshake or, with
//   TLS 1.3, instead of the first request: net::errc::certificate_rejected
// - with TLS 1.2, a close by a client that has seen our certificate, if its program has never sent a
//   request: net::errc::certificate_declined
//
// Nothing else is: not close_notify, user_canceled or another alert, no reset, no time-out, no connection that ends
// without a request. A program that sends a request trusts us: its count begins again and its bypass ends. Connections
// of unknown programs share one count for each uid and kind of ClientHello; if any of them has sent a request, this
// kind is never bypassed, because those that trust us would pass unread with those that do not.
//
// Sessions on any strand report how handshakes ended and ask before intercepting;
// /readyz and /v1/usage show the list. Its one mutex guards all members and is never held while other code is called.
// Time is a parameter.

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mitm/policy/client_program.hpp"
#include "mitm/policy/limits.hpp"

namespace mitm {

class bypass_list {
 public:
  using instant = std::chrono::steady_clock::time_point;
  using wall_time = std::chrono::system_clock::time_point;

  static constexpr std::size_t max_records = 1024;   // the least recently updated is dropped
  static constexpr std::size_t max_reason = 200;     // bytes kept of a reason
  static constexpr std::size_t max_trusting = 1024;  // programs that sent a request; the first that did is dropped

  struct rejection {
    bool first = false;            // the first recorded one of this program at this host: worth a line in the log
    bool became_bypassed = false;  // by this very rejection
  };

  struct row {
    std::string host;
    client_program program;
    wall_time until;
    unsigned rejections = 0;  // in a row
    std::string reason;       // of the last one
  };

  /// Takes limits.bypass_after (0: never bypass) and limits.bypass_for.
  explicit bypass_list(const limits& bounds) : after_(bounds.bypass_after), lasting_(bounds.bypass_for) {}

  /// The program refused the leaf made for `host`.
  rejection rejected(std::string_view host, const client_program& program, std::string_view why, instant now);

  /// The program sent a request: resets its rejections at this host and ends its bypass.
  void accepted(std::string_view host, const client_program& program);

  /// Whether the program has sent a request to any host.
  bool trusts(const client_program& program) const;

  bool bypassed(std::string_view host, const client_program& program, instant now) const;

  /// True if there is a record for `host`. If not, the caller need not find out which program the client is.
  bool knows(std::string_view host) const;

  /// What is bypassed at `now`, by host and program. `clock` is the same moment in wall-clock time.
  std::vector<row> snapshot(instant now, wall_time clock) const;

 private:
  struct record {
    unsigned rejections = 0;
    instant until{};  // bypassed until then
    instant heard{};
    std::string reason;
  };
  struct key {
    std::string host;
    client_program program;
    auto operator<=>(const key&) const = default;
  };

  /// The record of `which`, without an expired bypass.
  record& touch(const key& which, instant now);
  void forget_oldest();
  void remember_trusting(const client_program& program);

  const unsigned after_;
  const std::chrono::milliseconds lasting_;
  mutable std::mutex mutex_;
  std::map<key, record> records_;
  std::set<client_program> trusting_;
  std::deque<std::set<client_program>::iterator> trusting_since_;  // of trusting_, the oldest first
};

}  // namespace mitm
