#include "app/http/h2_protocol.hpp"

#include <algorithm>
#include <cstring>

#include "net/text/ascii.hpp"

namespace app {
namespace {

using net::h2::body_part;

constexpr std::size_t portion = 32'768;  // of output

void tell(h2_stream& stream) {
  if (stream.on_change) stream.on_change();
}

}  // namespace

h2_protocol::h2_protocol(limits bounds)
    : bounds_(bounds),
      session_(net::h2::session::role::server, {.check_messages = true, .keep_closed_streams = false}, *this) {
  session_.submit_settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, bounds_.streams},
                            {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(bounds_.head_size)},
                            {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1}});
}

h2_stream* h2_protocol::find(stream_id id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void h2_protocol::on_headers_begin(stream_id id) {
  head_under_way_ = id;
  in_trailers_ = !streams_.try_emplace(id, nullptr).second;
  if (!in_trailers_) streams_[id] = std::make_shared<h2_stream>(id);
}

bool h2_protocol::on_header(stream_id id, std::string_view name, std::string_view value) {
  auto* const stream = find(id);
  // Trailers are ignored.
  if (stream != nullptr && !in_trailers_) stream->head.add(name, value, bounds_.head_size);
  return true;
}

void h2_protocol::on_headers_end(stream_id id, bool ends) {
  head_under_way_ = 0;
  auto* const stream = find(id);
  if (stream == nullptr) return;
  if (!in_trailers_) begin(*stream);
  if (ends) on_body_end(id);
}

void h2_protocol::on_body(stream_id id, std::string_view piece) {
  session_.consume_connection(piece.size());
  if (auto* const stream = find(id)) take_body(*stream, piece);
}

void h2_protocol::on_body_end(stream_id id) {
  auto* const stream = find(id);
  if (stream == nullptr) return;
  stream->body_whole = true;
  tell(*stream);
}

void h2_protocol::on_closed(stream_id id, std::uint32_t) {
  const auto node = streams_.extract(id);
  if (head_under_way_ == id) head_under_way_ = 0;
  if (node.empty()) return;
  node.mapped()->closed = true;
  tell(*node.mapped());
  open_windows();  // another body may be the oldest now
}

/// The next bytes of an answer's body.
body_part h2_protocol::read_body(stream_id id, std::span<std::uint8_t> room) {
  auto* const stream = find(id);
  if (stream == nullptr) return {};
  const auto size = std::min(room.size(), stream->out.size() - stream->taken);
  std::memcpy(room.data(), stream->out.data() + stream->taken, size);
  stream->taken += size;
  if (stream->taken < stream->out.size()) return {size};
  stream->out.clear();
  stream->taken = 0;
  if (size == 0 && !stream->out_ended) return {};
  stream->answered = stream->out_ended;
  tell(*stream);
  return {size, stream->out_ended ? body_part::then::end : body_part::then::more};
}

void h2_protocol::feed(std::string_view bytes) {
  broken_ = !session_.feed(bytes) || broken_;
  open_windows();
}

void h2_protocol::begin(h2_stream& stream) {
  // Our GOAWAY names the last stream that is served. This one may have arrived before the GOAWAY was sent.
  if (leaving_) return reset(stream, NGHTTP2_REFUSED_STREAM);
  stream.held = net::memory_budget::share(bounds_.held);
  if (!stream.held.cover(std::min(stream.head.size, bounds_.head_size))) return reset(stream, NGHTTP2_REFUSED_STREAM);
  requests_.push_back(streams_.at(stream.id));
}

void h2_protocol::take_body(h2_stream& stream, std::string_view piece) {
  stream.withheld += piece.size();
  if (stream.body_unwanted) return drop_body(stream);
  if (stream.tunnel) {  // its window is the limit
    stream.body += piece;
    return tell(stream);
  }
  const std::size_t size = stream.body.size() + piece.size();
  stream.body_too_large = stream.body_too_large || size > bounds_.body_size;
  stream.body_refused = stream.body_refused || !stream.held.cover(std::min(stream.head.size, bounds_.head_size) + size);
  if (stream.body_too_large || stream.body_refused) return tell(stream);
  stream.body += piece;
}

void h2_protocol::drop_body(h2_stream& stream) {
  stream.body_unwanted = true;
  stream.body = {};
  stream.held.shrink_to(std::min(stream.head.size, bounds_.head_size));
  if (!stream.closed) session_.consume_stream(stream.id, std::exchange(stream.withheld, 0));
}

void h2_protocol::consumed(h2_stream& stream, std::size_t bytes) {
  const auto size = std::min(bytes, stream.withheld);
  stream.withheld -= size;
  if (!stream.closed) session_.consume_stream(stream.id, size);
}

void h2_protocol::want_body(h2_stream& stream) {
  stream.body_wanted = true;
  open_windows();
}

/// All bodies of a connection together get the limit of one. The oldest goes on regardless: if all waited for each
/// other, none would become complete.
void h2_protocol::open_windows() {
  std::size_t held = 0;
  for (const auto& [id, stream] : streams_) held += stream->body.size();
  bool oldest = true;
  for (const auto& [id, stream] : streams_) {
    if (!stream->body_wanted || stream->body_whole || stream->body_too_large || stream->body_unwanted) continue;
    if (stream->withheld != 0 && (oldest || held < bounds_.body_size)) {
      session_.consume_stream(id, std::exchange(stream->withheld, 0));
    }
    oldest = false;
  }
}

void h2_protocol::answer(h2_stream& stream, unsigned status, const fields& head, bool with_body) {
  if (stream.closed) return;
  net::h2::fields lowered{{":status", std::to_string(status)}};
  for (const auto& [name, value] : head) lowered.push_back({net::text::lowered(name), value});
  stream.answered = !with_body;
  session_.respond(stream.id, lowered, with_body);
}

void h2_protocol::go_on(h2_stream& stream) {
  if (!stream.closed) session_.resume(stream.id);
}

void h2_protocol::reset(h2_stream& stream, std::uint32_t error) {
  if (!stream.closed) session_.reset(stream.id, error);
}

void h2_protocol::leave() {
  if (std::exchange(leaving_, true)) return;
  session_.goaway(NGHTTP2_NO_ERROR);
}

void h2_protocol::end(std::uint32_t error) {
  session_.terminate(error);
}

void h2_protocol::abandon() {
  for (const auto& [id, stream] : std::exchange(streams_, {})) {
    stream->closed = true;
    tell(*stream);
  }
}

void h2_protocol::take(std::string& out) {
  broken_ = broken_ || !session_.take(out, portion);
}

bool h2_protocol::over() const {
  return broken_ || session_.over();
}

}  // namespace app
