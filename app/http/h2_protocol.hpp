#pragma once

// HTTP/2 as the API's listener speaks it (RFC 9113), without I/O: bytes in, requests with their bodies out; answers in,
// bytes out, never more of them than the client's windows allow. net::h2::session keeps the protocol's rules, this
// keeps the limits. h2_session drives it.

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
    std::uint32_t streams;  // open at once
    std::size_t head_size;  // bytes of one header list; a longer one is cut, see h2_request::size
    std::size_t body_size;  // bytes of one body, and beyond which only the oldest one of the connection goes on
    net::memory_budget* held = nullptr;  // of all heads and bodies; null: without a bound
  };
  using stream_ptr = std::shared_ptr<h2_stream>;
  using fields = std::vector<std::pair<std::string, std::string>>;

  explicit h2_protocol(limits bounds);
  h2_protocol(const h2_protocol&) = delete;
  h2_protocol& operator=(const h2_protocol&) = delete;

  /// Bytes of the client, its preface first. What is no HTTP/2 is answered by take() and then over().
  void feed(std::string_view bytes);

  /// Requests whose head has come since the last call.
  std::vector<stream_ptr> requests() { return std::exchange(requests_, {}); }

  /// Lets the body of an admitted request in; before, one window of it may arrive (64 KiB).
  void want_body(h2_stream& stream);

  /// Lets the rest of a body in and away: for a client that goes on sending after its answer.
  void drop_body(h2_stream& stream);

  /// The head of an answer, its body being what `out` has and gets, up to out_ended. Once for a stream. No body: out of
  /// that nothing is sent.
  void answer(h2_stream& stream, unsigned status, const fields& head, bool with_body);

  /// `out` has grown or ended.
  void go_on(h2_stream& stream);

  /// RST_STREAM, if it is open. `error`: RFC 9113 §7.
  void reset(h2_stream& stream, std::uint32_t error);

  /// GOAWAY: no new streams; those under way go on, then it is over.
  void leave();

  /// GOAWAY; then it is over.
  void end(std::uint32_t error);

  /// The connection has gone: so have all streams.
  void abandon();

  /// Appends what is to be sent, in portions.
  void take(std::string& out);

  /// Nothing more is to be said once take() gives nothing, and nothing to be heard.
  bool over() const;

  std::size_t open() const { return streams_.size(); }

  /// The stream whose head is arriving, 0 for none. Nothing else can arrive meanwhile.
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
  bool in_trailers_ = false;  // what is under way is no request
  bool leaving_ = false;
  bool broken_ = false;  // the session cannot go on
};

}  // namespace app
