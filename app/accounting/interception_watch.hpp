#pragma once

// Whether the model calls that the language server lists pass through the interceptor at all. A client that ignores the
// redirect or the CA bundle works well and costs money, but none of its calls would be seen. Pure; attribution_service
// owns one. One thread at a time writes; any thread may read meanwhile.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace app {

class interception_watch {
 public:
  /// The latest listed answers, and as many seen answers as may end before the server lists one of them.
  static constexpr std::size_t max_listed = 64;
  static constexpr std::size_t max_seen = 4096;
  /// Between an answer's listing and the end of its exchange.
  static constexpr std::int64_t grace_ms = 5000;

  /// An answer passed through here.
  void seen(std::string_view response_id);
  /// The language server lists an answer that was made since the service runs; `now` in Unix ms.
  void listed(std::string_view response_id, std::int64_t now);

  /// If none of the latest listed answers passed, how many there are; 0: some passed, or none is listed.
  std::size_t missed(std::int64_t now) const;

 private:
  static constexpr std::int64_t never = INT64_MAX - grace_ms;

  struct listing {
    std::string response_id;  // of the writing thread alone
    std::size_t hash = 0;     // likewise
    std::atomic<std::int64_t> listed_at{never};
    std::atomic<bool> passed{false};
  };

  std::array<listing, max_listed> listed_;
  std::size_t next_ = 0;          // the place of the next listing: the oldest one's
  std::deque<std::size_t> seen_;  // hashes of the ids: kept for every answer, looked at for hardly any
};

}  // namespace app
