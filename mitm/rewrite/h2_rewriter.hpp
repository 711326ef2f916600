#pragma once

// Changes requests of one HTTP/2 connection (RFC 9113). Changes break header compression and flow control, so both
// connections are terminated here: each stream of the client has a stream with the origin. Bodies pass as they come, as
// fast as the receiver reads. Header lists, interim responses, trailers, resets, GOAWAY and extended CONNECT are passed
// on; inside the stream of a WebSocket whose messages are requests, a websocket_rewriter goes on. PING, SETTINGS and
// priorities stay on each side, and the origin may not push.
//
//   client ◄─► h2_endpoint ◄─ streams, two by two ─► h2_endpoint ◄─► origin

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "mitm/policy/limits.hpp"
#include "mitm/rewrite/connection_rewriter.hpp"
#include "mitm/rewrite/h2_endpoint.hpp"
#include "mitm/rewrite/websocket_rewriter.hpp"

namespace mitm {

class h2_rewriter final : public connection_rewriter, h2_endpoint::events {
 public:
  struct limits {
    std::size_t head = ::mitm::limits{}.head_size;                // bytes of one header list; a longer one is refused
    std::size_t body = ::mitm::limits{}.rewrite_body;             // bytes of one held body
    std::size_t open_streams = ::mitm::limits{}.h2_open_streams;  // further ones are refused
    net::memory_budget* held = nullptr;                           // for all held bodies; null: unlimited
  };

  /// Rules and observer outlive the rewriter.
  h2_rewriter(request_rewriter& rules, exchange_observer& observer, limits bounds, mask_source masks);
  ~h2_rewriter() override;

  void feed(side sender, std::string_view bytes) override;
  void feed_end(side sender, bool clean) override;
  std::string take(side receiver) override;
  bool full(side) const override { return false; }  // flow control takes care of it
  bool ended(side receiver) const override;
  void close(exchange_outcome outcome, std::string_view cause) override;
  phase current() const override;
  bool may_answer() const override;
  std::string answer(const local_answer& last) override;
  std::string_view detached_reason() const override { return {}; }

 private:
  using stream_id = h2_endpoint::stream_id;
  struct stream;
  class socket_legs;

  void on_fields(side peer, stream_id id, h2_fields fields, bool ends) override;
  void on_body(side peer, stream_id id, std::string_view piece) override;
  void on_body_end(side peer, stream_id id) override;
  void on_closed(side peer, stream_id id, std::uint32_t error) override;
  void on_goaway(side peer, stream_id last, std::uint32_t error) override;
  void on_settings(side peer) override;
  void on_sent(side peer, stream_id id, std::size_t bytes, std::size_t left) override;

  h2_endpoint& endpoint(side peer) { return peer == side::downstream ? downstream_ : upstream_; }
  stream* find(side peer, stream_id id);
  void begin(stream_id id, h2_fields fields, bool ends);
  void end_request(stream& pair, h2_fields trailers = {});
  void decide(stream& pair);
  void pass_over(stream& pair, std::string_view why);
  void open_tap(stream& pair, const net::wire::request_head& head, const rewrite_note& note = {});
  void forward(stream& pair, bool ends);
  void forward_held(stream& pair, std::string body);
  void answer_locally(stream& pair, const local_answer& answer);
  void open_socket(stream& pair, const net::wire::response_head& head);
  void acknowledge(stream& pair);
  void take_answer(stream& pair, h2_fields fields, bool ends);
  void end_answer(stream& pair, h2_fields trailers = {});
  void refuse_answer(stream& pair);
  void end_exchange(stream& pair, exchange_outcome outcome, std::string_view cause);
  void end_if_complete(stream& pair);
  void forget_if_closed(stream& pair);

  request_rewriter& rules_;
  exchange_observer& observer_;
  limits bounds_;
  mask_source masks_;
  std::map<stream_id, std::unique_ptr<stream>> streams_;  // by the client's ids
  std::map<stream_id, stream*> upstream_ids_;
  h2_endpoint downstream_;
  h2_endpoint upstream_;
  std::vector<stream_id> unanswered_;  // at close()
  bool downstream_broken_ = false;
  bool upstream_broken_ = false;
  bool downstream_ended_ = false;
  bool upstream_ended_ = false;
};

}  // namespace mitm
