#pragma once

// TLS on the socket's own descriptor: OpenSSL reads and writes it, and Asio only waits for readiness. Compared with
// memory BIOs this halves the memory of an idle connection and saves a copy in each direction.

#include <string>

#include <openssl/ssl.h>

#include "net/openssl_ptr.hpp"
#include "net/stream.hpp"

namespace net {

/// The TLS 1.2 cipher suites of every leg: forward secrecy and authenticated encryption. All suites of TLS 1.3 have
/// both.
inline constexpr const char* strong_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// Makes a context with the settings of every leg: TLS 1.2 or later with strong_ciphers, no renegotiation, no
/// compression, non-blocking use, buffers released while idle. `method` is TLS_client_method() or TLS_server_method().
/// Null on failure; OpenSSL's error queue says why.
ssl_context_ptr make_ssl_context(const SSL_METHOD* method);

class tls_stream {
 public:
  enum class role : unsigned char { client, server };

  /// Takes the socket. OpenSSL keeps a reference to the context. Throws std::bad_alloc.
  tls_stream(tcp::socket socket, SSL_CTX* context, role as);
  ~tls_stream() = default;
  tls_stream(tls_stream&&) = default;
  tls_stream& operator=(tls_stream&&) = default;

  /// Errors: eof, truncated, tls_failure, certificate_untrusted, certificate_rejected, certificate_declined, or the
  /// socket's. why() explains them.
  asio::awaitable<result<void>> handshake();

  io_step read(std::span<char> buffer);
  io_step write(std::string_view bytes);
  bool buffered() const { return SSL_has_pending(ssl_.get()) == 1; }
  /// Frees OpenSSL's record buffers, unless a record is only half read. OpenSSL keeps one in some cases in which
  /// SSL_MODE_RELEASE_BUFFERS should have freed it, and the connection may now be idle for long.
  void release_buffers() { SSL_free_buffers(ssl_.get()); }
  /// Sends close_notify and ends our direction of TCP.
  void shutdown_send();
  /// Ends our direction of TCP without close_notify, to pass on a truncation as a truncation.
  void truncate();
  /// Moves the stream to another executor. Call it on the current one; pending waits there end with operation_aborted.
  /// After an error the stream is closed.
  boost::system::error_code move_to(const asio::any_io_executor& executor);

  SSL* native() { return ssl_.get(); }
  tcp::socket& socket() { return socket_; }
  /// OpenSSL's or the verifier's message for the last error; empty if there was none.
  const std::string& why() const { return why_; }

 private:
  // Never inlined into a coroutine: it reads errno, whose address may change across a suspension.
  [[gnu::noinline]] io_step outcome(int returned);
  boost::system::error_code explain();
  bool has_shown_certificate() const;

  tcp::socket socket_;
  ssl_ptr ssl_;
  std::string why_;
};

}  // namespace net
