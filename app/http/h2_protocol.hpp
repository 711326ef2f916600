#pragma once

// HTTP/2 for the API (RFC 9113), without I/O: bytes in, requests with bodies out; answers in, bytes out, within the
// client's windows. net::h2::session keeps the protocol's rules, this class the API's limits. h2_session drives it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/http/h2_stream.hpp"
#include "net/h2/session.hpp"

namespace app {

class h2_protocol final : net::h2::handler {
 public:
  struct limits {
    std::uint32_t streams;               // open at once
    std::size_t head_size;               // bytes of one header list; the rest is dropped, see h2_request::size
    std::size_t body_size;               // bytes of one body; if all together have more, only the oldest goes on
    net::memory_budget* held = nullptr;  // of all heads and bodies; null: unlimited
  };
  using stream_ptr = std::shared_ptr<h2_stream>;
  using fields = std::vector<std::pair<std::string, std::string>>;

  explicit h2_protocol(limits bounds);
  h2_protocol(const h2_protocol&) = delete;
  h2_protocol& operator=(const h2_protocol&) = delete;

  /// Takes the client's bytes, beginning with its preface. If they are not HTTP/2, take() returns the error and then
  /// over() is true.
  void feed(std::string_view bytes);

  /// The requests whose heads have arrived since the last call.
  std::vector<stream_ptr> requests() { return std::exchange(requests_, {}); }

  /// Lets the body of an admitted request arrive. Before this call, only one window of it may (64 KiB).
  void want_body(h2_stream& stream);

  /// So many bytes of a tunnel's body were read, and as many more may arrive.
  void consumed(h2_stream& stream, std::size_t bytes);

  /// Receives and drops the rest of a body, for a client that goes on sending after its answer.
  void drop_body(h2_stream& stream);

  /// Sends the head of an answer. With a body, `out` is sent as it fills, until out_ended. Call it once per stream.
  void answer(h2_stream& stream, unsigned status, const fields& head, bool with_body);

  /// `out` has grown or ended.
  void go_on(h2_stream& stream);

  /// Sends RST_STREAM if the stream is open. `error`: RFC 9113 §7.
  void reset(h2_stream& stream, std::uint32_t error);

  /// Sends GOAWAY: no new streams. Open ones go on, then it is over.
  void leave();

  /// Sends GOAWAY and ends the connection.
  void end(std::uint32_t error);

  /// The connection has gone, and all streams with it.
  void abandon();

  /// Appends the next portion to send.
  void take(std::string& out);

  /// True if nothing is left to send, once take() returns nothing, or to receive.
  bool over() const;

  std::size_t open() const { return streams_.size(); }

  /// The stream whose head is arriving; 0 if none. Meanwhile nothing else can arrive.
  std::int32_t head_under_way() const { return head_under_way_; }

 private:
  using stream_id = net::h2::stream_id;

  void on_headers_begin(stream_id id) override;
  bool on_header(stream_id id, std::string_view name, std::string_view value) override;
  void on_headers_end(stream_id id, bool ends) override;
  void on_body(stream_id id, std::string_view piece) override;
  void on_body_end(stream_id id) override;
  void on_closed(stream_id id, std::uint32_t error) override;
  net::h2::body_part read_body(stream_id id, std::span<std::uint8_t> room) override;

  h2_stream* find(stream_id id) const;
  void begin(h2_stream& stream);
  void take_body(h2_stream& stream, std::string_view piece);
  void open_windows();

  limits bounds_;
  net::h2::session session_;
  std::map<stream_id, stream_ptr> streams_;  // by age
  std::vector<stream_ptr> requests_;
  stream_id head_under_way_ = 0;
  bool in_trailers_ = false;  // not in a request's head
  bool leaving_ = false;
  bool broken_ = false;  // the session cannot go on
};

}  // namespace app
