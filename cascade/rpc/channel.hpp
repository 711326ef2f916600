#pragma once

// The connection to one language server: HTTP/2 over TLS with the server's own, self-signed certificate pinned, and the
// csrf token that every call carries. The certificate comes with the address. If none is known, channel_trust.hpp can
// fetch it once, from loopback only. Nothing is sent on any connection before its certificate was verified and, on this
// machine, the owner of the peer's socket.

#include <chrono>
#include <memory>
#include <string>

#include "cascade/process/port_holder.hpp"
#include "cascade/rpc/rpc_error.hpp"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace cascade {

/// One server process. Another process on the same port has another address.
struct server_address {
  std::string target;           // host:port, [host]:port for IPv6
  std::string csrf_token;       // a secret: never logged
  std::string certificate_pem;  // the pin; what the server shows must be this certificate or signed by it
  server_owner owner{};
};

struct channel_options {
  int max_receive_bytes = 64 * 1024 * 1024;  // one message; a snapshot holds a whole transcript
  // HTTP/2 stream window (RFC 9113 §5.2): what the transport buffers for a stream that nobody reads.
  int stream_window_bytes = 64 * 1024;
  // gRPC servers may close a connection that is pinged more often than every five minutes ("too_many_pings").
  std::chrono::milliseconds keep_alive_every = std::chrono::minutes(5);
  std::chrono::milliseconds keep_alive_answer = std::chrono::seconds(20);
  std::chrono::milliseconds reconnect_first = std::chrono::milliseconds(200);
  std::chrono::milliseconds reconnect_most = std::chrono::seconds(5);
  std::chrono::milliseconds connect_limit = std::chrono::seconds(10);
  holder_check holder{};  // asked for each connection, on a thread of gRPC; none: nobody is asked
};

class channel {
 public:
  /// Connects lazily. Refused: an address without certificate, and a certificate that is no PEM or names nobody.
  static rpc_result<channel> open(server_address address, const channel_options& options = {});

  const server_address& address() const noexcept { return address_; }
  const std::shared_ptr<grpc::Channel>& native() const noexcept { return native_; }

  /// Adds what every call needs.
  void authorize(grpc::ClientContext& context) const;

 private:
  channel(server_address address, std::shared_ptr<grpc::Channel> native);

  server_address address_;
  std::shared_ptr<grpc::Channel> native_;
};

}  // namespace cascade
