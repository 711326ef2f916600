#pragma once

// Hosts whose clients refuse our certificate, and those that are left alone for a while because of it. Sessions of
// every strand tell it how handshakes ended and ask it before intercepting; /readyz and /v1/usage show it. Pure but for
// its one mutex, which guards all members and is never held while anything else is called. Time is a parameter.

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mitm/limits.hpp"

namespace mitm {

class bypass_list {
 public:
  using instant = std::chrono::steady_clock::time_point;
  using wall_time = std::chrono::system_clock::time_point;

  static constexpr std::size_t max_hosts = 1024;  // remembered; the one not heard of for longest is forgotten
  static constexpr std::size_t max_reason = 200;  // bytes kept of a reason

  struct rejection {
    bool first = false;            // of this host since it is remembered: worth a line in the log
    bool became_bypassed = false;  // by this very rejection
  };

  struct row {
    std::string host;
    wall_time until;
    unsigned rejections = 0;  // in a row
    std::string reason;       // of the last one
  };

  /// Takes limits.bypass_after (0: never bypass) and limits.bypass_for.
  explicit bypass_list(const limits& bounds) : after_(bounds.bypass_after), lasting_(bounds.bypass_for) {}

  /// A client refused the leaf made for `host`.
  rejection rejected(std::string_view host, std::string_view why, instant now);

  /// A client took it: rejections count from zero again, and a bypass ends.
  void accepted(std::string_view host);

  bool bypassed(std::string_view host, instant now) const;

  /// The hosts bypassed at `now`, by name; `clock` is the same moment on the wall.
  std::vector<row> snapshot(instant now, wall_time clock) const;

 private:
  struct record {
    unsigned rejections = 0;
    instant until{};  // bypassed before it
    instant heard{};
    std::string reason;
  };

  /// The record of `host`, whose expired bypass no longer counts.
  record& touch(const std::string& host, instant now);
  void forget_oldest();

  const unsigned after_;
  const std::chrono::milliseconds lasting_;
  mutable std::mutex mutex_;
  std::map<std::string, record, std::less<>> hosts_;
};

}  // namespace mitm
