#include "mitm/rewrite/h2_endpoint.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include <nghttp2/nghttp2.h>

namespace mitm {
namespace {

constexpr std::size_t field_overhead = 32;  // RFC 9113 §6.5.2
constexpr std::uint32_t default_window = 65535;
constexpr std::size_t max_left = 64 * 1024;  // bytes that were sent and are still kept

std::vector<nghttp2_nv> views(const h2_fields& fields) {
  std::vector<nghttp2_nv> all;
  all.reserve(fields.size());
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  for (const auto& each : fields) {
    all.push_back({bytes(each.name), bytes(each.value), each.name.size(), each.value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return all;
}

struct option_delete {
  void operator()(nghttp2_option* option) const noexcept { nghttp2_option_del(option); }
};
struct callbacks_delete {
  void operator()(nghttp2_session_callbacks* table) const noexcept { nghttp2_session_callbacks_del(table); }
};

std::unique_ptr<nghttp2_option, option_delete> options() {
  nghttp2_option* made = nullptr;
  if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_auto_window_update(made, 1);
  // Both ends judge the messages of the other, as they would without us.
  nghttp2_option_set_no_http_messaging(made, 1);
  return std::unique_ptr<nghttp2_option, option_delete>(made);
}

}  // namespace

struct h2_endpoint::callbacks {
  static h2_endpoint& self(void* user) { return *static_cast<h2_endpoint*>(user); }

  static int begin_headers(nghttp2_session*, const nghttp2_frame*, void* user) {
    self(user).arriving_.clear();
    self(user).arriving_size_ = 0;
    return 0;
  }

  static int header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    auto& me = self(user);
    me.arriving_size_ += name_size + value_size + field_overhead;
    if (me.arriving_size_ > me.bounds_.head) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // the stream is reset
    me.arriving_.push_back({std::string(reinterpret_cast<const char*>(name), name_size),
                            std::string(reinterpret_cast<const char*>(value), value_size)});
    return 0;
  }

  static int frame(nghttp2_session*, const nghttp2_frame* got, void* user) {
    auto& me = self(user);
    const bool ends = (got->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (got->hd.type) {
      case NGHTTP2_HEADERS:
        me.to_.on_fields(me.peer_, got->hd.stream_id, std::move(me.arriving_), ends);
        break;
      case NGHTTP2_DATA:
        if (ends) me.to_.on_body_end(me.peer_, got->hd.stream_id);
        break;
      case NGHTTP2_GOAWAY:
        me.to_.on_goaway(me.peer_, got->goaway.last_stream_id, got->goaway.error_code);
        break;
      case NGHTTP2_SETTINGS:
        if ((got->hd.flags & NGHTTP2_FLAG_ACK) == 0) me.to_.on_settings(me.peer_);
        break;
      default:
        break;
    }
    return 0;
  }

  static int data(nghttp2_session*, std::uint8_t, stream_id id, const std::uint8_t* bytes, std::size_t size,
                  void* user) {
    self(user).to_.on_body(self(user).peer_, id, {reinterpret_cast<const char*>(bytes), size});
    return 0;
  }

  static int closed(nghttp2_session*, stream_id id, std::uint32_t error, void* user) {
    auto& me = self(user);
    me.outgoing_.erase(id);
    me.to_.on_closed(me.peer_, id, error);
    return 0;
  }

  /// A request that the peer, on its way out, does not take any more.
  static int not_sent(nghttp2_session*, const nghttp2_frame* refused, int, void* user) {
    if (refused->hd.type == NGHTTP2_HEADERS && refused->headers.cat == NGHTTP2_HCAT_REQUEST)
      closed(nullptr, refused->hd.stream_id, NGHTTP2_REFUSED_STREAM, user);
    return 0;
  }

  static ssize_t read(nghttp2_session*, stream_id id, std::uint8_t* into, std::size_t size, std::uint32_t* flags,
                      nghttp2_data_source*, void* user) {
    return self(user).fill(id, into, size, *flags);
  }

  static nghttp2_data_provider provider() {
    nghttp2_data_provider made{};
    made.read_callback = read;
    return made;
  }

  static std::unique_ptr<nghttp2_session_callbacks, callbacks_delete> table() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, closed);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(made, not_sent);
    return std::unique_ptr<nghttp2_session_callbacks, callbacks_delete>(made);
  }
};

void h2_endpoint::session_delete::operator()(nghttp2_session* session) const noexcept {
  nghttp2_session_del(session);
}

h2_endpoint::h2_endpoint(side peer, events& to, limits bounds) : peer_(peer), to_(to), bounds_(bounds) {
  const auto table = callbacks::table();
  const auto with = options();
  nghttp2_session* made = nullptr;
  const bool server = peer == side::downstream;
  const int failed = server ? nghttp2_session_server_new2(&made, table.get(), this, with.get())
                            : nghttp2_session_client_new2(&made, table.get(), this, with.get());
  if (failed != 0) throw std::bad_alloc();
  session_.reset(made);
  std::array<nghttp2_settings_entry, 3> settings{{{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, bounds.streams},
                                                  {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, bounds.window},
                                                  {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}}};
  nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), server ? 2 : 3);
  if (bounds.connection_window > default_window) {
    nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0,
                                          static_cast<std::int32_t>(bounds.connection_window));
  }
}

h2_endpoint::~h2_endpoint() = default;

bool h2_endpoint::feed(std::string_view bytes) {
  const auto used =
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (used < 0) return false;
  return nghttp2_session_want_read(session_.get()) != 0 || nghttp2_session_want_write(session_.get()) != 0;
}

std::string h2_endpoint::take(std::size_t enough) {
  std::string bytes;
  while (bytes.size() < enough) {
    const std::uint8_t* at = nullptr;
    const auto size = nghttp2_session_mem_send(session_.get(), &at);
    if (size <= 0) break;
    bytes.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(size));
  }
  return bytes;
}

h2_endpoint::stream_id h2_endpoint::request(const h2_fields& fields, bool ends) {
  const auto all = views(fields);
  const auto body = callbacks::provider();
  const auto id =
      nghttp2_submit_request(session_.get(), nullptr, all.data(), all.size(), ends ? nullptr : &body, nullptr);
  if (id < 0) return 0;
  if (!ends) outgoing_[id];
  return id;
}

void h2_endpoint::interim(stream_id id, const h2_fields& fields) {
  const auto all = views(fields);
  nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr, all.data(), all.size(), nullptr);
}

void h2_endpoint::respond(stream_id id, const h2_fields& fields, bool ends) {
  const auto all = views(fields);
  const auto body = callbacks::provider();
  if (nghttp2_submit_response(session_.get(), id, all.data(), all.size(), ends ? nullptr : &body) != 0) return;
  if (!ends) outgoing_[id];
}

void h2_endpoint::send(stream_id id, std::string_view body) {
  outgoing* const to = find(id);
  if (to == nullptr || body.empty()) return;
  // A stream that never runs dry must not keep what has left.
  if (to->sent >= max_left) to->body.erase(0, std::exchange(to->sent, 0));
  to->body += body;
  nghttp2_session_resume_data(session_.get(), id);
}

void h2_endpoint::finish(stream_id id, h2_fields trailers) {
  outgoing* const to = find(id);
  if (to == nullptr) return;
  to->finished = true;
  to->trailers = std::move(trailers);
  nghttp2_session_resume_data(session_.get(), id);
}

void h2_endpoint::reset(stream_id id, std::uint32_t error) {
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, error);
}

void h2_endpoint::reset_after(stream_id id, std::uint32_t error) {
  outgoing* const to = find(id);
  if (to == nullptr || to->body.empty()) return reset(id, error);
  to->reset = error;
}

void h2_endpoint::consumed(stream_id id, std::size_t bytes) {
  nghttp2_session_consume(session_.get(), id, bytes);
}

void h2_endpoint::goaway(std::uint32_t error, bool soon) {
  if (soon) {
    nghttp2_submit_shutdown_notice(session_.get());
  } else {
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_.get()),
                          error, nullptr, 0);
  }
}

void h2_endpoint::allow(std::uint32_t streams, bool extended_connect) {
  const std::array<nghttp2_settings_entry, 2> settings{
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams}, {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1}}};
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(), extended_connect ? 2 : 1);
}

std::uint32_t h2_endpoint::peer_setting(std::int32_t which) const {
  return nghttp2_session_get_remote_settings(session_.get(), static_cast<nghttp2_settings_id>(which));
}

h2_endpoint::outgoing* h2_endpoint::find(stream_id id) {
  const auto found = outgoing_.find(id);
  return found == outgoing_.end() ? nullptr : &found->second;
}

std::ptrdiff_t h2_endpoint::fill(stream_id id, std::uint8_t* into, std::size_t size, std::uint32_t& flags) {
  outgoing* const from = find(id);
  if (from == nullptr) return NGHTTP2_ERR_DEFERRED;
  const std::size_t count = std::min(size, from->body.size() - from->sent);
  if (count == 0 && !from->finished) return NGHTTP2_ERR_DEFERRED;
  if (count != 0) std::memcpy(into, from->body.data() + from->sent, count);
  from->sent += count;
  const std::size_t left = from->body.size() - from->sent;
  if (left == 0) {
    from->body.clear();
    from->sent = 0;
    if (from->reset) reset(id, *from->reset);
  }
  if (left == 0 && from->finished) {
    flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!from->trailers.empty()) {
      flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const auto all = views(from->trailers);
      nghttp2_submit_trailer(session_.get(), id, all.data(), all.size());
    }
    outgoing_.erase(id);
  }
  if (count != 0) to_.on_sent(peer_, id, count, left);
  return static_cast<std::ptrdiff_t>(count);
}

}  // namespace mitm
