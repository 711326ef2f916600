#pragma once

// The origin of the interceptor bench: a TLS server that answers like an OpenAI-compatible provider, as the request
// asks for in its x-bench field:
//
//   small                              a JSON answer with usage
//   sse EVERY COUNT GZIP PHASE         COUNT events, one each EVERY microseconds, the first after PHASE
//   bulk BYTES                         so many bytes
//
// Each event holds `@@` and the time of its write, 16 hexadecimal digits of CLOCK_MONOTONIC. Bodies of requests are
// read to their end first.

#include <atomic>
#include <cstdint>
#include <string>

namespace bench {

/// Shared with the bench.
struct origin_counters {
  std::atomic<std::uint64_t> last_abort{0};  // when a stream was seen to be cut off, in monotonic ns
  std::atomic<std::uint64_t> bulk_bytes{0};  // written of bulk answers
};

/// Serves on `listener` for ever.
[[noreturn]] void run_origin(int listener, const std::string& chain_file, const std::string& key_file,
                             origin_counters& shared);

inline constexpr std::size_t stamp_size = 18;  // @@ and the digits

}  // namespace bench
