#pragma once

// One end of an HTTP/2 connection (RFC 9113), around nghttp2: bytes in, events out; submissions in, bytes out. Pure.
// nghttp2 keeps the rules of the protocol and of flow control. The handler keeps the messages.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "net/deleter.hpp"
#include "net/wire/message_head.hpp"

namespace net::h2 {

using stream_id = std::int32_t;

/// Pseudo fields first, names in lower case.
using fields = std::vector<wire::field>;

/// Well-formed and not a pseudo field, so HTTP/1.1 can carry it.
bool is_regular(const wire::field& field);

/// How much of a body was written, and what follows. No bytes and `more`: called again after session::resume().
struct body_part {
  enum class then : std::uint8_t { more, end, trailers };

  std::size_t size = 0;
  then next = then::more;
};

/// Receives the events of a session, during feed() and take().
class handler {
 public:
  /// A header list begins: a request, a response or trailers. Header lists do not interleave.
  virtual void on_headers_begin(stream_id id) = 0;
  /// False: it is too large, and the stream is reset.
  virtual bool on_header(stream_id id, std::string_view name, std::string_view value) = 0;
  virtual void on_headers_end(stream_id id, bool ends_stream) = 0;
  virtual void on_body(stream_id id, std::string_view piece) = 0;
  virtual void on_body_end(stream_id id) = 0;
  /// `error` is 0 if both sides have ended the stream.
  virtual void on_closed(stream_id id, std::uint32_t error) = 0;
  virtual void on_goaway(stream_id, std::uint32_t) {}
  virtual void on_settings() {}
  /// Writes the next bytes of the body that is sent on the stream. If it returns `trailers`, it has submitted them.
  virtual body_part read_body(stream_id id, std::span<std::uint8_t> room) = 0;

 protected:
  ~handler() = default;
};

class session {
 public:
  enum class role : std::uint8_t { client, server };
  struct options {
    bool check_messages;       // reset streams whose messages are malformed (RFC 9113 §8.1.1)
    bool keep_closed_streams;  // to tell late frames on them from frames on idle streams
  };

  /// `events` outlives the session. The caller submits its settings next.
  session(role as, options chosen, handler& events);

  /// False: the connection is broken. take() may still return a GOAWAY for the peer.
  bool feed(std::string_view bytes);
  /// Appends what is to be sent until `out` has about `enough` bytes. False: the connection is broken.
  bool take(std::string& out, std::size_t enough);
  /// Neither side has anything left to send.
  bool over() const;

  void submit_settings(std::initializer_list<nghttp2_settings_entry> values);
  std::uint32_t peer_setting(nghttp2_settings_id which) const {
    return nghttp2_session_get_remote_settings(session_.get(), which);
  }
  /// Bytes that the peer may send unacknowledged on all streams together.
  void set_connection_window(std::int32_t size) {
    nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, size);
  }

  /// Opens a stream. Returns 0 if the peer accepts no more.
  stream_id request(const fields& head, bool with_body);
  void interim(stream_id id, const fields& head);
  /// False: the stream has gone.
  bool respond(stream_id id, const fields& head, bool with_body);
  void trailers(stream_id id, const fields& list);
  /// The body has grown or ended. Fails where nothing was deferred, which is fine.
  void resume(stream_id id) { nghttp2_session_resume_data(session_.get(), id); }
  void reset(stream_id id, std::uint32_t error) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, error);
  }

  /// Opens the window of the stream, of the connection, or of both again by so many received bytes.
  void consume(stream_id id, std::size_t bytes) { nghttp2_session_consume(session_.get(), id, bytes); }
  void consume_stream(stream_id id, std::size_t bytes) { nghttp2_session_consume_stream(session_.get(), id, bytes); }
  void consume_connection(std::size_t bytes) { nghttp2_session_consume_connection(session_.get(), bytes); }

  /// GOAWAY. Streams under way go on.
  void goaway(std::uint32_t error);
  /// A GOAWAY that refuses nothing yet (RFC 9113 §6.8).
  void shutdown_notice() { nghttp2_submit_shutdown_notice(session_.get()); }
  /// GOAWAY; nothing goes on.
  void terminate(std::uint32_t error) { nghttp2_session_terminate_session(session_.get(), error); }

 private:
  struct callbacks;  // nghttp2's

  handler& handler_;
  std::unique_ptr<nghttp2_session, deleter<nghttp2_session_del>> session_;
};

}  // namespace net::h2
