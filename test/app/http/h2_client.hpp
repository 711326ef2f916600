#pragma once

// A client of HTTP/2 by nghttp2: without I/O for the tests of the protocol, and blocking on a socket for those of the
// session.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nghttp2/nghttp2.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

namespace app {

using h2_fields = std::vector<std::pair<std::string, std::string>>;

struct h2_answer {
  std::string status;
  std::map<std::string, std::string> fields;
  std::string body;
  bool whole = false;                  // END_STREAM came
  std::optional<std::uint32_t> error;  // how the stream was closed
};

class h2_peer {
 public:
  /// Not reading: no window is ever opened again, until open_windows().
  explicit h2_peer(bool reading = true) {
    nghttp2_session_callbacks* hooks = nullptr;
    nghttp2_option* options = nullptr;
    nghttp2_session_callbacks_new(&hooks);
    nghttp2_option_new(&options);
    nghttp2_session_callbacks_set_on_header_callback(hooks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(hooks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(hooks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(hooks, on_close);
    nghttp2_option_set_no_auto_window_update(options, reading ? 0 : 1);
    nghttp2_session_client_new2(&session_, hooks, this, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(hooks);
    nghttp2_submit_settings(session_, 0, nullptr, 0);
  }
  ~h2_peer() { nghttp2_session_del(session_); }
  h2_peer(const h2_peer&) = delete;
  h2_peer& operator=(const h2_peer&) = delete;

  /// With a body: as one that is not ended unless `end`.
  std::int32_t ask(const std::string& method, const std::string& path, const h2_fields& more = {},
                   std::optional<std::string> body = {}, bool end = true) {
    h2_fields fields{{":method", method}, {":scheme", "http"}, {":path", path}};
    if (!more.empty() && more.front().first == ":authority") {
      fields.insert(fields.end(), more.begin(), more.end());
    } else {
      fields.emplace_back(":authority", "localhost");
      fields.insert(fields.end(), more.begin(), more.end());
    }
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields) {
      list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider source{{.ptr = nullptr}, on_read};
    const auto id =
        nghttp2_submit_request(session_, nullptr, list.data(), list.size(), body ? &source : nullptr, nullptr);
    if (body) bodies_[id] = {std::move(*body), end};
    return id;
  }

  void add_body(std::int32_t id, std::string_view more, bool end) {
    bodies_[id].first += more;
    bodies_[id].second = end;
    nghttp2_session_resume_data(session_, id);
  }

  void reset(std::int32_t id) { nghttp2_submit_rst_stream(session_, 0, id, NGHTTP2_CANCEL); }
  void open_windows() {
    for (auto& [id, size] : std::exchange(unread_, {})) nghttp2_session_consume(session_, id, size);
  }

  std::string take() {
    std::string all;
    const std::uint8_t* piece = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &piece)) > 0;) {
      all.append(reinterpret_cast<const char*>(piece), static_cast<std::size_t>(size));
    }
    return all;
  }

  void feed(std::string_view input) {
    valid_ = valid_ && nghttp2_session_mem_recv(session_, bytes(input), input.size()) >= 0;
  }

  h2_answer& at(std::int32_t id) { return answers_[id]; }
  std::size_t left_of_body(std::int32_t id) { return bodies_[id].first.size(); }
  std::optional<std::uint32_t> goaway() const { return goaway_; }
  std::uint32_t setting(nghttp2_settings_id id) const { return nghttp2_session_get_remote_settings(session_, id); }
  bool valid() const { return valid_; }
  nghttp2_session* session() { return session_; }

 private:
  static std::uint8_t* bytes(std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  }
  static h2_peer& of(void* self) { return *static_cast<h2_peer*>(self); }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) {
    auto& answer = of(self).answers_[frame->hd.stream_id];
    const std::string field(reinterpret_cast<const char*>(name), name_size);
    const std::string text(reinterpret_cast<const char*>(value), value_size);
    field == ":status" ? answer.status = text : answer.fields[field] = text;
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* piece, std::size_t size,
                     void* self) {
    of(self).answers_[id].body.append(reinterpret_cast<const char*>(piece), size);
    of(self).unread_[id] += size;
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_GOAWAY) of(self).goaway_ = frame->goaway.error_code;
    const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (may_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
      of(self).answers_[frame->hd.stream_id].whole = true;
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* self) {
    of(self).answers_[id].error = error;
    return 0;
  }

  static ssize_t on_read(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t room, std::uint32_t* flags,
                         nghttp2_data_source*, void* self) {
    auto& [body, end] = of(self).bodies_[id];
    const auto size = body.copy(reinterpret_cast<char*>(to), room);
    body.erase(0, size);
    if (body.empty() && end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return size == 0 && !end ? static_cast<ssize_t>(NGHTTP2_ERR_DEFERRED) : static_cast<ssize_t>(size);
  }

  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, h2_answer> answers_;
  std::map<std::int32_t, std::pair<std::string, bool>> bodies_;
  std::map<std::int32_t, std::size_t> unread_;
  std::optional<std::uint32_t> goaway_;
  bool valid_ = true;
};

/// Blocking, on a connection of its own.
class h2_client : public h2_peer {
 public:
  explicit h2_client(const boost::asio::ip::tcp::endpoint& server, bool reading = true)
      : h2_peer(reading), socket_(context_) {
    socket_.connect(server);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
  }

  /// Exchanges bytes until the condition holds, or the connection has ended.
  template <class F>
  bool until(F condition) {
    while (!condition()) {
      flush();
      if (condition()) break;
      char input[4096];
      boost::system::error_code error;
      const auto size = socket_.read_some(boost::asio::buffer(input), error);
      ended_ = error;
      if (error) return condition();
      feed({input, size});
    }
    flush();
    return true;
  }

  void flush() {
    boost::system::error_code gone;
    boost::asio::write(socket_, boost::asio::buffer(take()), gone);
  }

  /// The whole answer, or as much of it as came.
  h2_answer answer(std::int32_t id) {
    until([&] { return at(id).error.has_value(); });
    return at(id);
  }
  h2_answer answer_to(const std::string& method, const std::string& path, const h2_fields& more = {},
                      std::optional<std::string> body = {}) {
    return answer(ask(method, path, more, std::move(body)));
  }

  /// Reads to the end of the connection; how it ended.
  boost::system::error_code end() {
    until([&] { return ended_.failed(); });
    return ended_;
  }

  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  boost::system::error_code ended_;
};

}  // namespace app
