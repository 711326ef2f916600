#include "mitm/rewrite/h2_endpoint.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mitm {
namespace {

using net::h2::body_part;
using net::h2::session;

constexpr std::size_t field_overhead = 32;  // RFC 9113 §6.5.2
constexpr std::uint32_t default_window = 65535;
constexpr std::size_t max_left = 64 * 1024;  // sent bytes that may still be kept

}  // namespace

h2_endpoint::h2_endpoint(side peer, events& observer, limits bounds)
    : peer_(peer),
      events_(observer),
      bounds_(bounds),
      // The real endpoints check each other's messages, as they would without us.
      session_(peer == side::downstream ? session::role::server : session::role::client,
               {.check_messages = false, .keep_closed_streams = true}, *this) {
  if (peer == side::downstream) {
    session_.submit_settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, bounds.streams},
                              {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, bounds.window}});
  } else {
    session_.submit_settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, bounds.streams},
                              {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, bounds.window},
                              {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}});
  }
  if (bounds.connection_window > default_window)
    session_.set_connection_window(static_cast<std::int32_t>(bounds.connection_window));
}

bool h2_endpoint::feed(std::string_view bytes) {
  return session_.feed(bytes) && !session_.over();
}

std::string h2_endpoint::take(std::size_t enough) {
  std::string bytes;
  session_.take(bytes, enough);
  return bytes;
}

h2_endpoint::stream_id h2_endpoint::request(const h2_fields& fields, bool ends) {
  const auto id = session_.request(fields, !ends);
  if (id != 0 && !ends) outgoing_[id];
  return id;
}

void h2_endpoint::respond(stream_id id, const h2_fields& fields, bool ends) {
  if (session_.respond(id, fields, !ends) && !ends) outgoing_[id];
}

void h2_endpoint::send(stream_id id, std::string_view body) {
  outgoing* const stream = find(id);
  if (stream == nullptr || body.empty()) return;
  // Drop sent bytes, also if the stream never runs dry.
  if (stream->sent >= max_left) stream->body.erase(0, std::exchange(stream->sent, 0));
  stream->body += body;
  session_.resume(id);
}

void h2_endpoint::finish(stream_id id, h2_fields trailers) {
  outgoing* const stream = find(id);
  if (stream == nullptr) return;
  stream->finished = true;
  stream->trailers = std::move(trailers);
  session_.resume(id);
}

void h2_endpoint::reset_after(stream_id id, std::uint32_t error) {
  outgoing* const stream = find(id);
  if (stream == nullptr || stream->body.empty()) return reset(id, error);
  stream->reset = error;
}

void h2_endpoint::allow(std::uint32_t streams, bool extended_connect) {
  if (extended_connect) {
    session_.submit_settings(
        {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams}, {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1}});
  } else {
    session_.submit_settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams}});
  }
}

void h2_endpoint::on_headers_begin(stream_id) {
  arriving_.clear();
  arriving_size_ = 0;
}

bool h2_endpoint::on_header(stream_id, std::string_view name, std::string_view value) {
  arriving_size_ += name.size() + value.size() + field_overhead;
  if (arriving_size_ > bounds_.head) return false;
  arriving_.push_back({std::string(name), std::string(value)});
  return true;
}

void h2_endpoint::on_headers_end(stream_id id, bool ends) {
  events_.on_fields(peer_, id, std::move(arriving_), ends);
}

void h2_endpoint::on_closed(stream_id id, std::uint32_t error) {
  outgoing_.erase(id);
  events_.on_closed(peer_, id, error);
}

std::size_t h2_endpoint::unsent(stream_id id) const {
  const auto found = outgoing_.find(id);
  return found == outgoing_.end() ? 0 : found->second.body.size() - found->second.sent;
}

h2_endpoint::outgoing* h2_endpoint::find(stream_id id) {
  const auto found = outgoing_.find(id);
  return found == outgoing_.end() ? nullptr : &found->second;
}

body_part h2_endpoint::read_body(stream_id id, std::span<std::uint8_t> room) {
  outgoing* const stream = find(id);
  if (stream == nullptr) return {};
  const std::size_t count = std::min(room.size(), stream->body.size() - stream->sent);
  if (count == 0 && !stream->finished) return {};
  if (count != 0) std::memcpy(room.data(), stream->body.data() + stream->sent, count);
  stream->sent += count;
  const std::size_t left = stream->body.size() - stream->sent;
  if (left == 0) {
    stream->body.clear();
    stream->sent = 0;
    if (stream->reset) reset(id, *stream->reset);
  }
  body_part part{count};
  if (left == 0 && stream->finished) {
    part.next = stream->trailers.empty() ? body_part::then::end : body_part::then::trailers;
    if (!stream->trailers.empty()) session_.trailers(id, stream->trailers);
    outgoing_.erase(id);
  }
  if (count != 0) events_.on_sent(peer_, id, count, left);
  return part;
}

}  // namespace mitm
