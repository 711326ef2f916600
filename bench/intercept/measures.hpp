#pragma once

// The single measures of the interceptor bench. Each plays one scene on one target for a while, and adds its results.

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

/// The input of a measure.
struct scene {
  const stage& on;
  event_loop& loop;
  SSL_CTX* context;
  std::chrono::milliseconds time;  // length of one measurement
  comparison& out;
  unsigned round = 0;
};

struct measure {
  std::string name;
  bool once = false;  // only in the first round
  std::function<void(scene&, const target&)> play;
};

enum class event_carrier : std::uint8_t {
  chat,       // chat completions, as server-sent events
  responses,  // the Responses API, as server-sent events
  websocket,  // the same events as messages
};

struct event_streams {
  unsigned count = 0;
  event_carrier carrier = event_carrier::chat;
  bool compressed = false;  // by gzip, or by permessage-deflate

  std::string name() const;  // in the names of its measures
};

/// Streams at once. Measures the latency of events since the origin's write, and CPU.
void measure_events(scene& in, const target& of, const event_streams& what);
/// 20 streams of the same events, as server-sent events and over WebSockets, one right after the other. Throws
/// std::runtime_error if zerogravity does not book each turn at its end: what is not read costs nothing.
void measure_websocket_events(scene& in, const target& of, bool compressed);
/// Memory while 1000 streams are open.
void measure_stream_memory(scene& in, const target& of);
/// Requests on 16 kept connections, one after another on each. Measures their rate, and the CPU of each.
void measure_requests(scene& in, const target& of);
/// 1000 requests per second on an open-loop schedule. Measures the time to first byte.
void measure_first_byte(scene& in, const target& of,
                        const std::string& name = "first byte of a kept-alive request, 1000/s");

enum class handshake { full, resumed, new_host };
/// Connections one after another: connect, handshake, one small request, close.
void measure_handshakes(scene& in, const target& of, handshake kind);

/// The same as the full one, with a distant origin.
void measure_far(scene& in, const target& of);

void measure_download(scene& in, const target& of);
void measure_upload(scene& in, const target& of);
void measure_idle_memory(scene& in, const target& of);
void measure_stalled_download(scene& in, const target& of);
/// A client that closes in the middle of a stream. Measures when the origin sees it.
void measure_abort(scene& in, const target& of);

/// All of the above.
std::vector<measure> all_measures();

}  // namespace bench
