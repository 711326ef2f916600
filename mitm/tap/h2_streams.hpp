#pragma once

// The open streams of one HTTP/2 connection as exchanges (RFC 9113 §5.1, §8.1): which part of each was seen, and how it
// ends. Pure; the h2 tracker drives it with what the frames say. A stream is forgotten when its exchange ends: what
// comes for it later is on its way from before.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "mitm/tap/connection_tracker.hpp"

namespace mitm {

struct h2_stream {
  std::uint32_t id = 0;
  std::unique_ptr<exchange_tap> tap;  // none: of no interest, or a tunnel
  bool connect = false;               // CONNECT: no request body, and a tunnel once it is granted
  bool tunnel = false;                // granted: content has no meaning here
  bool requested = false;             // the request was seen whole
  bool ended = false;                 // the client's side of the stream was
  bool answering = false;             // the final response head was seen
  bool answered = false;              // the origin's side was seen whole
};

class h2_streams {
 public:
  using phase = connection_tracker::phase;

  h2_streams() = default;
  h2_streams(const h2_streams&) = delete;
  h2_streams& operator=(const h2_streams&) = delete;

  /// No stream of that id was ever opened.
  bool is_idle(std::uint32_t id) const noexcept { return id > (id % 2 == 1 ? last_asked_ : last_pushed_); }
  /// `id` is idle. The reference is good until the next open() or end.
  h2_stream& open(std::uint32_t id);
  /// nullptr: idle or over.
  h2_stream* find(std::uint32_t id) noexcept;

  /// The client's side of the stream is whole; ends the exchange if the answer is, too.
  void end_request(h2_stream& stream);
  /// The origin's side of the stream is whole.
  void end_response(h2_stream& stream);
  /// A CONNECT was granted: the exchange is complete, the stream stays open as a tunnel.
  void enter_tunnel(h2_stream& stream);

  void end(h2_stream& stream, exchange_outcome outcome, std::string_view cause);
  void end_all(exchange_outcome outcome, std::string_view cause);
  /// Those above `last` are not served: RFC 9113 §6.8.
  void end_refused(std::uint32_t last);
  /// The client will send no more: inside a request that ends the exchange.
  void end_downstream();
  /// The origin will send no more. `client_left`: the client had ended before.
  void end_upstream(bool client_left);

  std::size_t size() const noexcept { return open_.size(); }
  /// The phase with the longest patience of all open streams: the connection as a whole may be silent for so long.
  phase current() const noexcept;
  /// Gives back memory if no stream is open.
  void release();
  /// The open streams of the client, oldest first.
  std::vector<std::uint32_t> ids() const;

 private:
  std::vector<h2_stream> open_;  // by id
  std::uint32_t last_asked_ = 0;
  std::uint32_t last_pushed_ = 0;
};

}  // namespace mitm
