#pragma once

// The single measures of the interceptor bench. Each plays one scene on one target for a while and adds what it found.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/common/comparison.hpp"
#include "bench/intercept/stage.hpp"

namespace bench {

inline constexpr std::uint64_t millisecond = 1'000'000;  // ns

/// What a measure works with.
struct scene {
  const stage& on;
  event_loop& loop;
  SSL_CTX* context;
  std::chrono::milliseconds time;  // that one measurement should take
  comparison& out;
  unsigned round = 0;
};

struct measure {
  std::string name;
  bool once = false;  // in the first round only
  std::function<void(scene&, const target&)> play;
};

/// Events of `streams` streams at once: latency from the origin's write, and CPU.
void measure_events(scene& in, const target& of, unsigned streams, bool gzip);
/// What is held while 1000 streams are open.
void measure_stream_memory(scene& in, const target& of);
/// Requests on 16 kept connections, one after another on each: rate, and CPU of each.
void measure_requests(scene& in, const target& of);
/// 1000 requests per second on an open-loop schedule: time to first byte.
void measure_first_byte(scene& in, const target& of,
                        const std::string& name = "first byte of a kept-alive request, 1000/s");

enum class handshake { full, resumed, new_host };
/// Connect, handshake, one small request, close; one after another.
void measure_handshakes(scene& in, const target& of, handshake kind);

/// As the full one, from an origin that is far away.
void measure_far(scene& in, const target& of);

void measure_download(scene& in, const target& of);
void measure_upload(scene& in, const target& of);
void measure_idle_memory(scene& in, const target& of);
void measure_stalled_download(scene& in, const target& of);
/// A client that goes away in the middle of a stream: when its origin sees it.
void measure_abort(scene& in, const target& of);

/// All of the above.
std::vector<measure> all_measures();

}  // namespace bench
