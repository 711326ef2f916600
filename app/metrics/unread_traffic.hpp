#pragma once

// Traffic of watched hosts, or of hosts that may be watched, that passed without being read since the start: per host,
// path, reason and program, how often, how much and when last. /readyz and a run's report show it, because no sum
// includes it; the ledger keeps the same for longer. Called from the strands of all connections; the mutex guards the
// entries and is held for a look-up or a copy.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "mitm/relay/connection_events.hpp"
#include "usage/unread_note.hpp"

namespace app {

class unread_traffic {
 public:
  /// `note.why` is the word for `why`. True: the first of this host, path and reason.
  bool note(const usage::unread_note& note, mitm::unread why);

  /// The latest first; at most usage::max_unread_entries, and one for each reason.
  std::vector<usage::unread_note> entries() const;

  /// The connections or answers of one reason at all hosts. Takes no lock.
  std::uint64_t count(mitm::unread why) const noexcept {
    return counts_[static_cast<std::size_t>(why)].load(std::memory_order_relaxed);
  }

 private:
  using key = std::tuple<std::string, std::string, mitm::unread, std::string>;  // host, path, why, program

  mutable std::mutex mutex_;
  std::map<key, usage::unread_note> entries_;
  std::array<std::atomic<std::uint64_t>, mitm::unread_reasons> counts_{};
};

}  // namespace app
