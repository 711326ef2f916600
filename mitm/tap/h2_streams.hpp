#pragma once

// The open streams of one HTTP/2 connection as exchanges (RFC 9113 §5.1, §8.1): which parts were seen, and how each
// ends. Pure; the h2 tracker drives it. A stream is dropped when its exchange ends; later frames for it were already in
// flight.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "mitm/tap/connection_tracker.hpp"

namespace mitm {

struct h2_stream {
  std::uint32_t id = 0;
  std::unique_ptr<exchange_tap> tap;       // null: of no interest, or a tunnel
  std::unique_ptr<tunnel_tap> tunnel_tap;  // null: no tunnel, or of no interest
  bool connect = false;                    // CONNECT: no request body, and a tunnel once it is granted
  bool tunnel = false;                     // granted: content is no body
  bool requested = false;                  // the request was seen whole
  bool ended = false;                      // the client's side of the stream has ended
  bool answering = false;                  // the final response head was seen
  bool answered = false;                   // the origin's side was seen whole
};

class h2_streams {
 public:
  using phase = connection_tracker::phase;

  h2_streams() = default;
  h2_streams(const h2_streams&) = delete;
  h2_streams& operator=(const h2_streams&) = delete;

  /// True if no stream with that id was ever opened.
  bool is_idle(std::uint32_t id) const noexcept { return id > (id % 2 == 1 ? last_asked_ : last_pushed_); }
  /// `id` is idle. The reference is good until the next open() or end.
  h2_stream& open(std::uint32_t id);
  /// nullptr: idle or over.
  h2_stream* find(std::uint32_t id) noexcept;

  /// The client's side of the stream is complete. Ends the exchange if the answer is complete, too.
  void end_request(h2_stream& stream);
  /// The origin's side of the stream is complete.
  void end_response(h2_stream& stream);
  /// A CONNECT was granted: the exchange is complete, and the stream stays open as a tunnel.
  void enter_tunnel(h2_stream& stream);

  void end(h2_stream& stream, exchange_outcome outcome, std::string_view cause);
  void end_all(exchange_outcome outcome, std::string_view cause);
  /// Ends streams above `last`, which are not served (RFC 9113 §6.8).
  void end_refused(std::uint32_t last);
  /// The client will send no more. Ends exchanges with an incomplete request.
  void end_downstream();
  /// The origin will send no more. `client_left`: the client had ended before.
  void end_upstream(bool client_left);

  std::size_t size() const noexcept { return open_.size(); }
  /// The phase with the longest limit of all open streams, which applies to the connection as a whole.
  phase current() const noexcept;
  /// Frees memory if no stream is open.
  void release();
  /// The open streams of the client, oldest first.
  std::vector<std::uint32_t> ids() const;

 private:
  std::vector<h2_stream> open_;  // by id
  std::uint32_t last_asked_ = 0;
  std::uint32_t last_pushed_ = 0;
};

}  // namespace mitm
