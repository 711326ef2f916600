#pragma once

// TLS on the socket's own descriptor: OpenSSL reads and writes it, Asio only waits for readiness. Against a memory-BIO
// stream this halves the memory of an idle connection and saves a copy in each direction.

#include <string>

#include <openssl/ssl.h>

#include "net/openssl_ptr.hpp"
#include "net/stream.hpp"

namespace net {

/// The suites of TLS 1.2 that are spoken on any leg: forward secrecy and authenticated encryption. All of TLS 1.3's
/// have both.
inline constexpr const char* strong_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// A context of TLS_client_method() or TLS_server_method() as every leg needs it: TLS 1.2 and later with
/// strong_ciphers, no renegotiation, no compression, non-blocking use, and buffers that are released while idle. Null:
/// OpenSSL's error queue says why.
ssl_context_ptr make_ssl_context(const SSL_METHOD* method);

class tls_stream {
 public:
  enum class role : unsigned char { client, server };

  /// Takes the socket; the context is retained by OpenSSL. Throws std::bad_alloc.
  tls_stream(tcp::socket socket, SSL_CTX* context, role as);
  ~tls_stream() = default;
  tls_stream(tls_stream&&) = default;
  tls_stream& operator=(tls_stream&&) = default;

  /// Errors: eof, truncated, tls_failure, certificate_untrusted, certificate_rejected, or the socket's; why() has the
  /// words.
  asio::awaitable<result<void>> handshake();

  io_step read(std::span<char> buffer);
  io_step write(std::string_view bytes);
  bool buffered() const { return SSL_has_pending(ssl_.get()) == 1; }
  /// Gives back what OpenSSL holds for records; nothing if one is only half read. It keeps a buffer in some cases in
  /// which SSL_MODE_RELEASE_BUFFERS should have let go of it, and a connection may now be idle for long.
  void release_buffers() { SSL_free_buffers(ssl_.get()); }
  /// Sends close_notify and ends our direction of TCP.
  void shutdown_send();
  /// Ends our direction of TCP without close_notify: passes on a truncation as the truncation it was.
  void truncate();
  /// Goes on on another executor. Called on its present one; who still waits there is told operation_aborted. After an
  /// error the stream is closed.
  boost::system::error_code move_to(const asio::any_io_executor& executor);

  SSL* native() { return ssl_.get(); }
  tcp::socket& socket() { return socket_; }
  /// The library's or the verifier's words for the last error; empty if there was none.
  const std::string& why() const { return why_; }

 private:
  // Never inlined into a coroutine: it reads errno, whose address is another one behind a suspension.
  [[gnu::noinline]] io_step outcome(int returned);
  boost::system::error_code explain();

  tcp::socket socket_;
  ssl_ptr ssl_;
  std::string why_;
};

}  // namespace net
