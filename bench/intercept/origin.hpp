#pragma once

// The origin of the interceptor bench: a TLS server that answers like an OpenAI-compatible provider. The x-bench field
// of a request selects the answer:
//
//   small                              a JSON answer with usage
//   sse EVERY COUNT GZIP PHASE         COUNT events, one each EVERY microseconds, the first after PHASE
//   responses EVERY COUNT GZIP PHASE   the same of the Responses API
//   bulk BYTES                         so many bytes
//
// A request for a WebSocket asks for responses, without GZIP: its compression is what the handshake agrees to. The
// first text message begins an answer, the next one ends it, and so on.
//
// Each event contains `@@` and the time of its write, as 16 hexadecimal digits of CLOCK_MONOTONIC. The origin first
// reads the whole body of a request.

#include <atomic>
#include <cstdint>
#include <string>

namespace bench {

/// Shared with the bench.
struct origin_counters {
  std::atomic<std::uint64_t> last_abort{0};  // when the origin last saw a stream cut off, in monotonic ns
  std::atomic<std::uint64_t> bulk_bytes{0};  // bytes written of bulk answers
};

/// Serves on `listener` and never returns.
[[noreturn]] void run_origin(int listener, const std::string& chain_file, const std::string& key_file,
                             origin_counters& shared);

inline constexpr std::size_t stamp_size = 18;  // @@ and the digits

}  // namespace bench
