#include "mitm/tap/h2_tracker.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <nghttp2/nghttp2.h>

#include "net/wire/message_head.hpp"

namespace mitm {
namespace {

namespace wire = net::wire;
using wire::h2_type;
namespace flag = wire::h2_flag;

constexpr std::uint16_t header_table_size = 1;  // SETTINGS_HEADER_TABLE_SIZE
constexpr std::string_view tunnel_method = "CONNECT";

bool is_message(const net::h2::message_head& head) {
  return !head.malformed && !head.method.empty() && !(head.path.empty() && head.method != tunnel_method);
}

}  // namespace

h2_tracker::flow::flow(wire::h2_frame_decoder::sender who, const limits& bounds)
    : frames(who, bounds.continuations), headers({bounds.head, bounds.header_table}) {}

h2_tracker::h2_tracker(exchange_observer& observer, limits bounds)
    : observer_(observer),
      bounds_(bounds),
      request_(wire::h2_frame_decoder::sender::client, bounds),
      response_(wire::h2_frame_decoder::sender::server, bounds) {}

h2_tracker::~h2_tracker() {
  close(exchange_outcome::detached, "the connection was given up");
}

void h2_tracker::observe(side sender, std::string_view bytes) {
  flow& way = flow_of(sender);
  way.touched = way.touched || !bytes.empty();
  way.unfolded = 0;
  if (way.ended) return;
  while (!bytes.empty() && following()) {
    const auto step = way.frames.feed(bytes);
    if (!step) {
      return detach(step.error() == wire::errc::too_large ? "too many CONTINUATION frames" : "a malformed frame");
    }
    take(sender, *step);
    bytes.remove_prefix(step->consumed);
  }
  if (streams_.size() != 0) return;
  streams_.release();
  request_.headers.release();
  response_.headers.release();
}

void h2_tracker::observe_end(side sender) {
  if (std::exchange(flow_of(sender).ended, true) || !following()) return;
  sender == side::downstream ? streams_.end_downstream() : streams_.end_upstream(request_.ended);
}

void h2_tracker::close(exchange_outcome outcome, std::string_view cause) {
  if (closed_) return;
  closed_ = true;
  if (may_answer()) unanswered_ = streams_.ids();
  streams_.end_all(outcome, cause);
}

h2_tracker::phase h2_tracker::current() const noexcept {
  return detached() ? phase::tunnel : streams_.current();
}

bool h2_tracker::may_answer() const noexcept {
  return !response_.touched && streams_.size() != 0;
}

void h2_tracker::take(side sender, const wire::h2_frame_decoder::step& step) {
  if (step.begins) begin_frame(sender);
  if (!following()) return;
  if (step.has_setting) take_setting(sender);
  const bool last = step.ends && flow_of(sender).frames.frame().has(flag::end_headers);
  if (!step.content.empty() || step.ends) take_content(sender, step.content, last);
  if (step.ends && following()) end_frame(sender);
}

void h2_tracker::begin_frame(side sender) {
  flow& way = flow_of(sender);
  const wire::h2_frame& frame = way.frames.frame();
  // RFC 9113 §3.4: both prefaces end with SETTINGS.
  if (!std::exchange(way.begun, true) && frame.type != h2_type::settings) return detach("a malformed frame");
  switch (frame.type) {
    case h2_type::headers:
    case h2_type::push_promise:
      way.block = frame;
      break;
    case h2_type::rst_stream:
      return reset(sender);
    case h2_type::goaway:
      if (sender == side::upstream) streams_.end_refused(frame.other_stream);
      break;
    default:
      break;
  }
}

void h2_tracker::take_content(side sender, std::string_view content, bool last) {
  flow& way = flow_of(sender);
  switch (way.frames.frame().type) {
    case h2_type::data:
      return take_data(sender, content);
    case h2_type::headers:
    case h2_type::push_promise:
    case h2_type::continuation:
      break;
    default:
      return;
  }
  if (const auto fed = way.headers.feed(content, last); !fed) {
    return detach(fed.error() == wire::errc::too_large ? "a header list or table over the limit"
                                                       : "a malformed header block");
  }
  way.unfolded += way.headers.take_unfolded();
  if (way.unfolded > bounds_.head * lists_per_block) detach("header lists that unfold to too much at once");
}

void h2_tracker::take_data(side sender, std::string_view content) {
  const std::uint32_t id = flow_of(sender).frames.frame().stream;
  h2_stream* const stream = streams_.find(id);
  if (stream == nullptr && streams_.is_idle(id)) return detach("a stream that was never opened");
  if (content.empty() || stream == nullptr) return;
  if (stream->tunnel_tap) stream->tunnel_tap->on_bytes(sender, content);
  if (!stream->tap) return;
  if (sender == side::downstream && !stream->requested) stream->tap->on_request_body(content);
  if (sender == side::upstream && stream->answering && !stream->answered) stream->tap->on_response_body(content);
}

/// The setting applies to header blocks of the opposite direction.
void h2_tracker::take_setting(side sender) {
  const auto& [id, value] = flow_of(sender).frames.setting();
  if (id == header_table_size)
    flow_of(sender == side::downstream ? side::upstream : side::downstream).headers.allow_table(value);
}

void h2_tracker::end_frame(side sender) {
  const wire::h2_frame& frame = flow_of(sender).frames.frame();
  switch (frame.type) {
    case h2_type::data: {
      h2_stream* const stream = frame.has(flag::end_stream) ? streams_.find(frame.stream) : nullptr;
      if (stream != nullptr)
        sender == side::downstream ? streams_.end_request(*stream) : streams_.end_response(*stream);
      break;
    }
    case h2_type::headers:
    case h2_type::push_promise:
    case h2_type::continuation:
      if (frame.has(flag::end_headers)) end_block(sender);
      break;
    default:
      break;
  }
}

void h2_tracker::end_block(side sender) {
  const wire::h2_frame& first = flow_of(sender).block;
  const net::h2::message_head& head = flow_of(sender).headers.head();
  const bool ends = first.has(flag::end_stream);
  if (first.type == h2_type::push_promise) {
    const std::uint32_t promised = first.other_stream;
    const bool may_be = sender == side::upstream && promised % 2 == 0 && streams_.is_idle(promised);
    may_be ? open_stream(head, promised, true) : detach("a malformed frame");
  } else {
    sender == side::downstream ? request_block(head, first.stream, ends) : response_block(head, first.stream, ends);
  }
}

void h2_tracker::request_block(const net::h2::message_head& head, std::uint32_t id, bool ends) {
  if (h2_stream* const known = streams_.find(id)) {
    if (ends) streams_.end_request(*known);  // trailers
  } else if (streams_.is_idle(id)) {
    id % 2 == 1 ? open_stream(head, id, ends) : detach("a malformed frame");
  }
}

void h2_tracker::open_stream(const net::h2::message_head& head, std::uint32_t id, bool ends) {
  if (streams_.size() >= bounds_.open_streams) return detach("too many open streams");
  h2_stream& stream = streams_.open(id);
  stream.connect = head.method == tunnel_method;
  // Both ends refuse a malformed request (RFC 9113 §8.1.1), so the stream is followed but is not an exchange.
  if (is_message(head)) {
    const std::string lines = (head.authority.empty() ? "" : "host: " + head.authority + "\r\n") + head.lines;
    const std::string& target = head.path.empty() ? head.authority : head.path;
    stream.tap = observer_.on_request({head.method, target, 1, wire::header_fields(lines), 2, head.protocol});
    last_is_head_ = head.method == "HEAD";
  }
  if (stream.connect && !std::exchange(stream.requested, true) && stream.tap) stream.tap->on_request_end();
  if (ends) streams_.end_request(stream);
}

void h2_tracker::response_block(const net::h2::message_head& head, std::uint32_t id, bool ends) {
  h2_stream* const stream = streams_.find(id);
  if (stream == nullptr) {
    if (streams_.is_idle(id)) detach("a stream that was never opened");
    return;
  }
  const bool interim = !head.malformed && head.status >= 100 && head.status < 200 && !ends;
  if (!stream->answering && interim) return;
  if (!stream->answering && (head.malformed || head.status < 200)) {
    return streams_.end(*stream, exchange_outcome::upstream_aborted, "a malformed response");
  }
  if (!stream->answering) answer(*stream, head);
  if (ends) streams_.end_response(*stream);  // with its head, or by trailers
}

void h2_tracker::answer(h2_stream& stream, const net::h2::message_head& head) {
  stream.answering = true;
  resets_ = 0;
  if (stream.tap) stream.tap->on_response({1, head.status, {}, wire::header_fields(head.lines)});
  if (stream.connect && head.status < 300) streams_.enter_tunnel(stream);
}

void h2_tracker::reset(side sender) {
  const wire::h2_frame& frame = flow_of(sender).frames.frame();
  h2_stream* const stream = streams_.find(frame.stream);
  if (stream == nullptr) return;
  if (stream->answered) return streams_.end(*stream, exchange_outcome::complete, {});
  if (!stream->answering && ++resets_ > bounds_.resets) return detach("too many streams reset");
  streams_.end(*stream,
               sender == side::downstream ? exchange_outcome::downstream_aborted : exchange_outcome::upstream_aborted,
               nghttp2_http2_strerror(frame.error));
}

void h2_tracker::detach(std::string_view reason) {
  detached_ = reason;
  streams_.end_all(exchange_outcome::detached, reason);
}

}  // namespace mitm
