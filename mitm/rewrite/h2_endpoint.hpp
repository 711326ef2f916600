#pragma once

// One end of an HTTP/2 connection for passing messages on: a net::h2::session that collects header lists and buffers
// outgoing bodies. The HTTP/2 rewriter has two, one towards the client and one towards the origin. Received bytes are
// acknowledged with consumed(), so a slow receiver slows down the sender. Pure.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"
#include "mitm/tap/connection_tracker.hpp"
#include "net/h2/session.hpp"

namespace mitm {

using h2_fields = net::h2::fields;

class h2_endpoint final : net::h2::handler {
 public:
  using stream_id = net::h2::stream_id;

  /// Receives events during feed() and take(). `peer` is the side that the endpoint faces.
  class events {
   public:
    /// A complete header list: a request, an interim or final response, or trailers.
    virtual void on_fields(side peer, stream_id id, h2_fields fields, bool ends) = 0;
    virtual void on_body(side peer, stream_id id, std::string_view piece) = 0;
    virtual void on_body_end(side peer, stream_id id) = 0;
    /// `error`: RFC 9113 §7; 0 if both sides have ended it.
    virtual void on_closed(side peer, stream_id id, std::uint32_t error) = 0;
    virtual void on_goaway(side peer, stream_id last, std::uint32_t error) = 0;
    virtual void on_settings(side peer) = 0;
    /// So many bytes of those given to send() were sent, and so many are left.
    virtual void on_sent(side peer, stream_id id, std::size_t bytes, std::size_t left) = 0;

   protected:
    ~events() = default;
  };

  struct limits {
    std::size_t head;       // bytes of one header list; a stream with a longer one is reset
    std::uint32_t streams;  // that the peer may have open at once
    std::uint32_t window;   // unacknowledged bytes that the peer may send on one stream
    std::uint32_t connection_window;
  };

  /// If `peer` is downstream, we are the server. Submits our SETTINGS. `observer` outlives the endpoint.
  h2_endpoint(side peer, events& observer, limits bounds);
  h2_endpoint(const h2_endpoint&) = delete;
  h2_endpoint& operator=(const h2_endpoint&) = delete;

  /// False: the connection is broken or over. take() may still return a GOAWAY for the peer.
  bool feed(std::string_view bytes);
  /// About `enough` bytes to send, or fewer if there are no more.
  std::string take(std::size_t enough);

  /// Opens a stream. Returns 0 if the peer accepts no more. Unless it `ends` here, send() and finish() give the body.
  stream_id request(const h2_fields& fields, bool ends);
  void interim(stream_id id, const h2_fields& fields) { session_.interim(id, fields); }
  void respond(stream_id id, const h2_fields& fields, bool ends);
  void send(stream_id id, std::string_view body);
  void finish(stream_id id, h2_fields trailers = {});
  /// Resets at once, or after all bytes given to send() have been sent.
  void reset(stream_id id, std::uint32_t error) { session_.reset(id, error); }
  void reset_after(stream_id id, std::uint32_t error);
  /// Acknowledges bytes that on_body() delivered.
  void consumed(stream_id id, std::size_t bytes) { session_.consume(id, bytes); }
  void goaway(std::uint32_t error, bool soon) { soon ? session_.shutdown_notice() : session_.goaway(error); }
  void allow(std::uint32_t streams, bool extended_connect);
  std::uint32_t peer_setting(std::int32_t which) const {
    return session_.peer_setting(static_cast<nghttp2_settings_id>(which));
  }

  /// Bytes given to send() that are still here.
  std::size_t unsent(stream_id id) const;
  /// Whether a body is not completely sent yet.
  bool sending() const { return !outgoing_.empty(); }

 private:
  struct outgoing {
    std::string body;
    std::size_t sent = 0;
    bool finished = false;
    h2_fields trailers;
    std::optional<std::uint32_t> reset;
  };

  void on_headers_begin(stream_id id) override;
  bool on_header(stream_id id, std::string_view name, std::string_view value) override;
  void on_headers_end(stream_id id, bool ends) override;
  void on_body(stream_id id, std::string_view piece) override { events_.on_body(peer_, id, piece); }
  void on_body_end(stream_id id) override { events_.on_body_end(peer_, id); }
  void on_closed(stream_id id, std::uint32_t error) override;
  void on_goaway(stream_id last, std::uint32_t error) override { events_.on_goaway(peer_, last, error); }
  void on_settings() override { events_.on_settings(peer_); }
  net::h2::body_part read_body(stream_id id, std::span<std::uint8_t> room) override;

  outgoing* find(stream_id id);

  side peer_;
  events& events_;
  limits bounds_;
  net::h2::session session_;
  std::map<stream_id, outgoing> outgoing_;  // whose end has not been sent
  h2_fields arriving_;                      // header blocks do not interleave
  std::size_t arriving_size_ = 0;
};

}  // namespace mitm
