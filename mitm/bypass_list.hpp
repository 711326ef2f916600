#pragma once

// Programs that refuse our certificate for a host, and are left alone there for a while because of it. Each is counted
// for itself: what one program does never switches off the accounting of another. Only a certificate alert counts as a
// refusal (net::errc::certificate_rejected). Sessions of every strand tell it how handshakes ended and ask it before
// intercepting; /readyz and /v1/usage show it. Pure but for its one mutex, which guards all members and is never held
// while anything else is called. Time is a parameter.

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

  static constexpr std::size_t max_records = 1024;  // the one not heard of for longest is forgotten
  static constexpr std::size_t max_reason = 200;    // bytes kept of a reason

  struct rejection {
    bool first = false;            // of this program at this host since it is remembered: worth a line in the log
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

  /// The program took it: its rejections count from zero again, and its bypass ends.
  void accepted(std::string_view host, const client_program& program);

  bool bypassed(std::string_view host, const client_program& program, instant now) const;

  /// Some program was heard of at `host`. Where none was, nobody needs to find out which program a client is.
  bool knows(std::string_view host) const;

  /// What is bypassed at `now`, by host and program; `clock` is the same moment on the wall.
  std::vector<row> snapshot(instant now, wall_time clock) const;

 private:
  struct record {
    unsigned rejections = 0;
    instant until{};  // bypassed before it
    instant heard{};
    std::string reason;
  };
  struct key {
    std::string host;
    client_program program;
    auto operator<=>(const key&) const = default;
  };

  /// The record of `which`, whose expired bypass no longer counts.
  record& touch(const key& which, instant now);
  void forget_oldest();

  const unsigned after_;
  const std::chrono::milliseconds lasting_;
  mutable std::mutex mutex_;
  std::map<key, record> records_;
};

}  // namespace mitm
