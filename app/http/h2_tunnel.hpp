#pragma once

// The bytes of an extended CONNECT (RFC 8441 §5) as an Asio stream, so that Beast can speak WebSocket on an HTTP/2
// stream. Beast knows only the handshake of HTTP/1.1: its first answer, 101, becomes the status 200 of the HTTP/2
// stream. Used on the connection's strand.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/role.hpp>

#include "app/http/h2_session.hpp"

namespace app {

class h2_tunnel {
 public:
  using executor_type = asio::any_io_executor;

  h2_tunnel(h2_session& session, h2_stream& stream, asio::any_io_executor strand);

  executor_type get_executor() const { return core_->changed.get_executor(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& into, Token&& token) {
    const auto step = [core = core_, room = first_of<asio::mutable_buffer>(into)] { return core->read(room); };
    return run(step, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& from, Token&& token) {
    const auto piece = first_of<asio::const_buffer>(from);
    const std::string_view bytes(static_cast<const char*>(piece.data()), piece.size());
    core_->write(bytes);
    const auto step = [core = core_, size = bytes.size()] { return core->written(size); };
    return run(step, std::forward<Token>(token));
  }

  /// Ends our side of the stream.
  void end() { core_->end(); }
  /// Resets the stream.
  void cut() { core_->cut(); }
  /// Call it before the session or the stream go: later operations fail.
  void detach() { core_->detach(); }

 private:
  struct progress {
    boost::system::error_code error{};
    std::size_t bytes = 0;
  };

  /// Shared with operations that may outlive the tunnel.
  struct core {
    core(h2_session& carrier, h2_stream& of, asio::any_io_executor strand);

    /// nullopt: not yet.
    std::optional<progress> read(asio::mutable_buffer room);
    void write(std::string_view bytes);
    std::optional<progress> written(std::size_t size) const;
    void accept();
    void end();
    void cut();
    void detach();
    bool gone() const { return stream == nullptr || stream->closed; }

    h2_session* session;  // null: detached
    h2_stream* stream;
    asio::steady_timer changed;  // cancelled when something has changed
    std::string handshake;       // Beast's, as far as it was written
    bool accepted = false;
  };

  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = asio::buffer_sequence_end(buffers);
    const auto found =
        std::find_if(asio::buffer_sequence_begin(buffers), end, [](const Buffer& each) { return each.size() != 0; });
    return found == end ? Buffer() : Buffer(*found);
  }

  /// Tries `step` whenever something has changed. Never completes within the call.
  template <class Step, class Token>
  auto run(Step step, Token&& token) {
    return asio::async_compose<Token, void(boost::system::error_code, std::size_t)>(
        [core = core_, step, begun = false](auto& self, boost::system::error_code = {}) mutable {
          if (!std::exchange(begun, true)) return asio::post(core->changed.get_executor(), std::move(self));
          if (self.cancelled() != asio::cancellation_type::none) {
            return self.complete(asio::error::operation_aborted, 0);
          }
          if (const auto done = step()) return self.complete(done->error, done->bytes);
          auto& changed = core->changed;
          changed.async_wait(std::move(self));
        },
        token, get_executor());
  }

  std::shared_ptr<core> core_;
};

/// For Beast: RFC 8441 has END_STREAM where HTTP/1.1 ends the connection.
template <class Handler>
void async_teardown(boost::beast::role_type, h2_tunnel& tunnel, Handler&& handler) {
  tunnel.end();
  asio::post(tunnel.get_executor(),
             [handler = std::forward<Handler>(handler)]() mutable { std::move(handler)(boost::system::error_code()); });
}

/// For Beast's timeouts.
inline void beast_close_socket(h2_tunnel& tunnel) {
  tunnel.cut();
}

}  // namespace app
