#pragma once

// The probe: a client connection, with or without TLS. It sends one request at a time, and reports each part of the
// answer when it arrives.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <zlib.h>

#include "bench/probe/connection_end.hpp"
#include "bench/probe/event_loop.hpp"
#include "bench/probe/websocket_end.hpp"
#include "net/wire/body_decoder.hpp"
#include "net/wire/head_collector.hpp"

namespace bench {

/// The address that a probe connects to, and the mark of its connection.
struct route {
  sockaddr_in origin{};
  int mark = 0;  // chooses the interceptor; 0: none
  std::string host;
};

class client final : public event_loop::handler, public std::enable_shared_from_this<client> {
 public:
  struct listener {
    std::function<void(client&)> on_open = {};  // the handshake is done
    std::function<void(client&)> on_first_byte = {};
    std::function<void(client&, std::string_view)> on_body = {};  // decoded; of a WebSocket: its messages
    std::function<void(client&)> on_answered = {};
    std::function<void(client&)> on_upgraded = {};  // the connection is a WebSocket now
    std::function<void(client&)> on_closed = {};    // closed by the other side, or failed
  };

  /// Connects. Without a context there is no TLS; `resumed` may be nullptr.
  static std::shared_ptr<client> open(event_loop& loop, const route& to, SSL_CTX* context, listener told,
                                      SSL_SESSION* resumed = nullptr);

  /// Call it once the connection is open and the last request was answered.
  void send(std::string request);
  /// A text message. Call it once the connection is a WebSocket, and the last message has had its answer.
  void say(std::string_view text) { send(socket_->text(text)); }
  /// Stops reading. Whatever arrives later stays in the socket.
  void pause() { paused_ = true; }
  /// Closes the connection at once. No function is called any more. `abort`: closes with RST.
  void close(bool abort = false);

  bool open_now() const { return self_ != nullptr && shaken_; }
  bool reused() const { return ssl_ != nullptr && SSL_session_reused(ssl_) == 1; }
  /// The session for a later connection, which the caller must free. Call it after an answer, when tickets have
  /// arrived.
  SSL_SESSION* session() const { return SSL_get1_session(ssl_); }

  std::uint64_t began = 0;  // when it began to connect, or when its request was due; the caller uses it
  std::size_t number = 0;   // the caller uses it

  void on_ready() override;

 private:
  client(event_loop& loop, listener told) : loop_(loop), told_(std::move(told)) {}

  bool shake();
  bool flush();
  bool read();
  bool take(std::string_view input);
  bool take_head(std::string_view text);
  bool upgrade(const net::wire::response_head& head);
  void take_body(std::string_view piece);
  void end();

  struct inflate_end_of {
    void operator()(z_stream* of) const {
      inflateEnd(of);
      delete of;
    }
  };

  event_loop& loop_;
  listener told_;
  std::unique_ptr<connection_end> end_;
  SSL* ssl_ = nullptr;    // of end_; null without TLS
  std::string unsent_;    // the request
  std::size_t sent_ = 0;  // of it
  bool shaken_ = false;
  bool paused_ = false;
  bool waiting_ = false;  // for an answer
  bool in_body_ = false;
  bool first_byte_ = false;
  net::wire::head_collector head_{64 * 1024};
  net::wire::body_decoder body_;
  std::unique_ptr<z_stream, inflate_end_of> unzip_;
  std::unique_ptr<websocket_end> socket_;  // once the connection is one
  std::shared_ptr<client> self_;
};

/// Probes that are destroyed with their scene, however it ends, because their functions refer to it.
class probes {
 public:
  probes() = default;
  ~probes() {
    for (const auto& each : all_) each->close(true);
  }
  probes(const probes&) = delete;
  probes& operator=(const probes&) = delete;

  client& add(std::shared_ptr<client> one) {
    all_.push_back(std::move(one));
    return *all_.back();
  }
  const std::vector<std::shared_ptr<client>>& all() const { return all_; }

 private:
  std::vector<std::shared_ptr<client>> all_;
};

}  // namespace bench
