#pragma once

// Programs that refuse our certificate for a host, and are therefore not intercepted there for a while. Each program is
// counted separately, so one never switches off the accounting of another. Only a certificate alert counts as a refusal
// (net::errc::certificate_rejected). Sessions on any strand report how handshakes ended and ask before intercepting;
// /readyz and /v1/usage show the list. Its one mutex guards all members and is never held while other code is called.
// Time is a parameter.

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
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

  static constexpr std::size_t max_records = 1024;  // the least recently updated is dropped
  static constexpr std::size_t max_reason = 200;    // bytes kept of a reason

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

  /// The program accepted our certificate: resets its rejections and ends its bypass.
  void accepted(std::string_view host, const client_program& program);

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

  const unsigned after_;
  const std::chrono::milliseconds lasting_;
  mutable std::mutex mutex_;
  std::map<key, record> records_;
};

}  // namespace mitm
