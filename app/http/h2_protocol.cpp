#include "app/http/h2_protocol.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <nghttp2/nghttp2.h>

#include "net/text/ascii.hpp"

namespace app {
namespace {

constexpr std::size_t portion = 32'768;  // of output

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 only reads them
}

bool is_request(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

void tell(h2_stream& stream) {
  if (stream.on_change) stream.on_change();
}

h2_stream* stream_of(nghttp2_session* session, std::int32_t id) {
  return static_cast<h2_stream*>(nghttp2_session_get_stream_user_data(session, id));
}

/// The next bytes of an answer's body.
ssize_t give_body(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t room, std::uint32_t* flags,
                  nghttp2_data_source* source, void*) {
  auto& stream = *static_cast<h2_stream*>(source->ptr);
  const auto size = std::min(room, stream.out.size() - stream.taken);
  std::memcpy(to, stream.out.data() + stream.taken, size);
  stream.taken += size;
  if (stream.taken < stream.out.size()) return static_cast<ssize_t>(size);
  stream.out.clear();
  stream.taken = 0;
  if (size == 0 && !stream.out_ended) return NGHTTP2_ERR_DEFERRED;
  if (stream.out_ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
  stream.answered = stream.out_ended;
  tell(stream);
  return static_cast<ssize_t>(size);
}

}  // namespace

struct h2_protocol::callbacks {
  static h2_protocol& of(void* self) { return *static_cast<h2_protocol*>(self); }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    of(self).head_under_way_ = frame->hd.stream_id;
    if (!is_request(*frame)) return 0;
    auto made = std::make_shared<h2_stream>(frame->hd.stream_id);
    nghttp2_session_set_stream_user_data(session, made->id, made.get());
    of(self).streams_.emplace(made->id, std::move(made));
    return 0;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                    void* self) {
    auto* stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr || !is_request(*frame)) return 0;  // trailers say nothing to us
    stream->head.add(view(name, name_size), view(value, value_size), of(self).bounds_.head_size);
    return 0;
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_HEADERS) of(self).head_under_way_ = 0;
    auto* stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (is_request(*frame)) of(self).begin(*stream);
    const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (may_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      stream->body_whole = true;
      tell(*stream);
    }
    return 0;
  }

  static int data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size,
                  void* self) {
    nghttp2_session_consume_connection(session, size);
    if (auto* stream = stream_of(session, id)) of(self).take_body(*stream, view(bytes, size));
    return 0;
  }

  static int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
    auto node = of(self).streams_.extract(id);
    if (of(self).head_under_way_ == id) of(self).head_under_way_ = 0;
    if (node.empty()) return 0;
    node.mapped()->closed = true;
    tell(*node.mapped());
    of(self).open_windows();  // another body may be the oldest now
    return 0;
  }
};

h2_protocol::h2_protocol(limits bounds) : bounds_(bounds) {
  nghttp2_session_callbacks* hooks = nullptr;
  nghttp2_option* options = nullptr;
  if (nghttp2_session_callbacks_new(&hooks) != 0 || nghttp2_option_new(&options) != 0) throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_begin_headers_callback(hooks, callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(hooks, callbacks::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(hooks, callbacks::frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(hooks, callbacks::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(hooks, callbacks::stream_closed);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_closed_streams(options, 1);
  const int made = nghttp2_session_server_new2(&session_, hooks, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(hooks);
  if (made != 0) throw std::bad_alloc();
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, bounds_.streams},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(bounds_.head_size)}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
}

h2_protocol::~h2_protocol() {
  nghttp2_session_del(session_);
}

void h2_protocol::feed(std::string_view bytes) {
  const auto used = nghttp2_session_mem_recv(session_, bytes_of(bytes), bytes.size());
  broken_ = broken_ || used < 0;
  open_windows();
}

void h2_protocol::begin(h2_stream& stream) {
  // Our goodbye names the last stream that is served; this one may have come before it could be sent.
  if (leaving_) return reset(stream, NGHTTP2_REFUSED_STREAM);
  stream.held = net::memory_budget::share(bounds_.held);
  if (!stream.held.cover(std::min(stream.head.size, bounds_.head_size))) return reset(stream, NGHTTP2_REFUSED_STREAM);
  requests_.push_back(streams_.at(stream.id));
}

void h2_protocol::take_body(h2_stream& stream, std::string_view piece) {
  stream.withheld += piece.size();
  if (stream.body_unwanted) return drop_body(stream);
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
  if (!stream.closed) nghttp2_session_consume_stream(session_, stream.id, std::exchange(stream.withheld, 0));
}

void h2_protocol::want_body(h2_stream& stream) {
  stream.body_wanted = true;
  open_windows();
}

/// All bodies of a connection together are held to the limit of one. The oldest goes on all the same: if all waited for
/// each other none would become whole.
void h2_protocol::open_windows() {
  std::size_t held = 0;
  for (const auto& [id, stream] : streams_) held += stream->body.size();
  bool oldest = true;
  for (const auto& [id, stream] : streams_) {
    if (!stream->body_wanted || stream->body_whole || stream->body_too_large || stream->body_unwanted) continue;
    if (stream->withheld != 0 && (oldest || held < bounds_.body_size)) {
      nghttp2_session_consume_stream(session_, id, std::exchange(stream->withheld, 0));
    }
    oldest = false;
  }
}

void h2_protocol::answer(h2_stream& stream, unsigned status, const fields& head, bool with_body) {
  if (stream.closed) return;
  fields lowered{{":status", std::to_string(status)}};
  for (const auto& [name, value] : head) lowered.emplace_back(net::text::lowered(name), value);
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : lowered) {
    list.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider body{{.ptr = &stream}, give_body};
  stream.answered = !with_body;
  nghttp2_submit_response(session_, stream.id, list.data(), list.size(), with_body ? &body : nullptr);
}

void h2_protocol::go_on(h2_stream& stream) {
  if (!stream.closed) nghttp2_session_resume_data(session_, stream.id);  // an error where it does not wait
}

void h2_protocol::reset(h2_stream& stream, std::uint32_t code) {
  if (!stream.closed) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, code);
}

void h2_protocol::leave() {
  if (std::exchange(leaving_, true)) return;
  const auto last = nghttp2_session_get_last_proc_stream_id(session_);
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
}

void h2_protocol::end(std::uint32_t code) {
  nghttp2_session_terminate_session(session_, code);
}

void h2_protocol::abandon() {
  for (const auto& [id, stream] : std::exchange(streams_, {})) {
    stream->closed = true;
    tell(*stream);
  }
}

void h2_protocol::take(std::string& to) {
  while (!broken_ && to.size() < portion) {
    const std::uint8_t* bytes = nullptr;
    const auto size = nghttp2_session_mem_send(session_, &bytes);
    broken_ = size < 0;
    if (size <= 0) return;
    to += view(bytes, static_cast<std::size_t>(size));
  }
}

bool h2_protocol::over() const {
  return broken_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
}

}  // namespace app
