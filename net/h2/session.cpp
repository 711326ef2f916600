#include "net/h2/session.hpp"

#include <new>

namespace net::h2 {
namespace {

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 only reads them
}

std::vector<nghttp2_nv> views(const fields& list) {
  std::vector<nghttp2_nv> all;
  all.reserve(list.size());
  for (const auto& [name, value] : list) {
    all.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return all;
}

using option_ptr = std::unique_ptr<nghttp2_option, deleter<nghttp2_option_del>>;
using callbacks_ptr = std::unique_ptr<nghttp2_session_callbacks, deleter<nghttp2_session_callbacks_del>>;

option_ptr to_nghttp2(session::options chosen) {
  nghttp2_option* made = nullptr;
  if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_http_messaging(made, chosen.check_messages ? 0 : 1);
  nghttp2_option_set_no_closed_streams(made, chosen.keep_closed_streams ? 0 : 1);
  return option_ptr(made);
}

}  // namespace

bool is_regular(const wire::field& field) {
  return !field.name.starts_with(':') && nghttp2_check_header_name(bytes_of(field.name), field.name.size()) != 0 &&
         nghttp2_check_header_value(bytes_of(field.value), field.value.size()) != 0;
}

struct session::callbacks {
  static handler& handler_of(void* user) { return static_cast<session*>(user)->handler_; }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    handler_of(user).on_headers_begin(frame->hd.stream_id);
    return 0;
  }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    const bool kept = handler_of(user).on_header(frame->hd.stream_id, text(name, name_size), text(value, value_size));
    return kept ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int frame(nghttp2_session*, const nghttp2_frame* got, void* user) {
    const bool ends = (got->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (got->hd.type) {
      case NGHTTP2_HEADERS:
        handler_of(user).on_headers_end(got->hd.stream_id, ends);
        break;
      case NGHTTP2_DATA:
        if (ends) handler_of(user).on_body_end(got->hd.stream_id);
        break;
      case NGHTTP2_GOAWAY:
        handler_of(user).on_goaway(got->goaway.last_stream_id, got->goaway.error_code);
        break;
      case NGHTTP2_SETTINGS:
        if ((got->hd.flags & NGHTTP2_FLAG_ACK) == 0) handler_of(user).on_settings();
        break;
      default:
        break;
    }
    return 0;
  }

  static int data(nghttp2_session*, std::uint8_t, stream_id id, const std::uint8_t* bytes, std::size_t size,
                  void* user) {
    handler_of(user).on_body(id, text(bytes, size));
    return 0;
  }

  static int closed(nghttp2_session*, stream_id id, std::uint32_t error, void* user) {
    handler_of(user).on_closed(id, error);
    return 0;
  }

  /// A request that was not sent because the peer is shutting down.
  static int not_sent(nghttp2_session*, const nghttp2_frame* refused, int, void* user) {
    if (refused->hd.type == NGHTTP2_HEADERS && refused->headers.cat == NGHTTP2_HCAT_REQUEST)
      handler_of(user).on_closed(refused->hd.stream_id, NGHTTP2_REFUSED_STREAM);
    return 0;
  }

  static ssize_t read(nghttp2_session*, stream_id id, std::uint8_t* out, std::size_t size, std::uint32_t* flags,
                      nghttp2_data_source*, void* user) {
    const body_part part = handler_of(user).read_body(id, {out, size});
    if (part.size == 0 && part.next == body_part::then::more) return NGHTTP2_ERR_DEFERRED;
    if (part.next != body_part::then::more) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (part.next == body_part::then::trailers) *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    return static_cast<ssize_t>(part.size);
  }

  static constexpr nghttp2_data_provider provider{{.ptr = nullptr}, read};

  static callbacks_ptr table() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, closed);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(made, not_sent);
    return callbacks_ptr(made);
  }
};

session::session(role as, options chosen, handler& events) : handler_(events) {
  const auto table = callbacks::table();
  const auto settled = to_nghttp2(chosen);
  const auto create = as == role::server ? nghttp2_session_server_new2 : nghttp2_session_client_new2;
  nghttp2_session* made = nullptr;
  if (create(&made, table.get(), this, settled.get()) != 0) throw std::bad_alloc();
  session_.reset(made);
}

bool session::feed(std::string_view bytes) {
  return nghttp2_session_mem_recv(session_.get(), bytes_of(bytes), bytes.size()) >= 0;
}

bool session::take(std::string& out, std::size_t enough) {
  while (out.size() < enough) {
    const std::uint8_t* bytes = nullptr;
    const auto size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size <= 0) return size == 0;
    out += text(bytes, static_cast<std::size_t>(size));
  }
  return true;
}

bool session::over() const {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

void session::submit_settings(std::initializer_list<nghttp2_settings_entry> values) {
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, values.begin(), values.size());
}

stream_id session::request(const fields& head, bool with_body) {
  const auto list = views(head);
  const auto* body = with_body ? &callbacks::provider : nullptr;
  const auto id = nghttp2_submit_request(session_.get(), nullptr, list.data(), list.size(), body, nullptr);
  return id < 0 ? 0 : id;
}

void session::interim(stream_id id, const fields& head) {
  const auto list = views(head);
  nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr, list.data(), list.size(), nullptr);
}

bool session::respond(stream_id id, const fields& head, bool with_body) {
  const auto list = views(head);
  const auto* body = with_body ? &callbacks::provider : nullptr;
  return nghttp2_submit_response(session_.get(), id, list.data(), list.size(), body) == 0;
}

void session::trailers(stream_id id, const fields& list) {
  const auto all = views(list);
  nghttp2_submit_trailer(session_.get(), id, all.data(), all.size());
}

void session::goaway(std::uint32_t error) {
  const auto last = nghttp2_session_get_last_proc_stream_id(session_.get());
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, error, nullptr, 0);
}

}  // namespace net::h2
