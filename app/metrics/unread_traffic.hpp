#pragma once

// Traffic of watched hosts, or of hosts that may be watched, that passed without being read: per host and reason, how
// often and when last. /v1/usage, /readyz and a run's report show it, because no sum includes it. Called from the
// strands of all connections; the mutex guards all members and is held for a look-up or a copy.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mitm/relay/connection_events.hpp"

namespace app {

class unread_traffic {
 public:
  static constexpr std::size_t max_rows = 256;  // further hosts count as "other"

  struct row {
    std::string host;  // or an address, where the host is not known
    mitm::unread why = mitm::unread::detached;
    std::uint64_t count = 0;
    std::int64_t last_at = 0;  // Unix ms
  };

  /// True: the first of this host and reason.
  bool note(std::string_view host, mitm::unread why, std::int64_t now);

  /// By host and reason.
  std::vector<row> rows() const;

  /// The count of one reason at all hosts. Takes no lock.
  std::uint64_t count(mitm::unread why) const noexcept {
    return counts_[static_cast<std::size_t>(why)].load(std::memory_order_relaxed);
  }

 private:
  struct times {
    std::uint64_t count = 0;
    std::int64_t last_at = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, mitm::unread>, times> rows_;
  std::array<std::atomic<std::uint64_t>, mitm::unread_reasons> counts_{};
};

}  // namespace app
