#include "net/tls_stream.hpp"

#include <cerrno>
#include <new>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

namespace net {

namespace {

// Alerts by which a client rejects our certificate (RFC 8446 §6.2).
bool rejects_certificate(int reason) {
  switch (reason) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE:
      return true;
    default:
      return false;
  }
}

}  // namespace

ssl_context_ptr make_ssl_context(const SSL_METHOD* method) {
  ssl_context_ptr context(SSL_CTX_new(method), deleter<SSL_CTX_free>{});
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), strong_ciphers) != 1) {
    return nullptr;
  }
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // One read per record instead of two: header and body come together.
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

tls_stream::tls_stream(tcp::socket socket, SSL_CTX* context, role as)
    : socket_(std::move(socket)), ssl_(SSL_new(context)) {
  if (!ssl_) throw std::bad_alloc();
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  if (SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1) throw std::bad_alloc();
  if (as == role::server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

asio::awaitable<result<void>> tls_stream::handshake() {
  for (;;) {
    ERR_clear_error();
    const int returned = SSL_do_handshake(ssl_.get());
    if (returned == 1) co_return result<void>{};
    const io_step step = outcome(returned);
    if (step.error == errc::truncated && has_shown_certificate()) co_return errc::certificate_declined;
    if (step.error) co_return step.error;
    if (auto error = co_await wait_until(socket_, step.next)) co_return error;
  }
}

/// A TLS 1.2 client has our certificate, and its answer has not come. With TLS 1.3 a close at this point says nothing:
/// a client that refuses sends an alert.
bool tls_stream::has_shown_certificate() const {
  return SSL_is_server(ssl_.get()) && SSL_version(ssl_.get()) == TLS1_2_VERSION &&
         SSL_get_state(ssl_.get()) == TLS_ST_SW_SRVR_DONE;
}

io_step tls_stream::read(std::span<char> buffer) {
  ERR_clear_error();
  std::size_t got = 0;
  const int returned = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
  return returned == 1 ? io_step::moved(got) : outcome(returned);
}

io_step tls_stream::write(std::string_view bytes) {
  ERR_clear_error();
  std::size_t put = 0;
  const int returned = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put);
  return returned == 1 ? io_step::moved(put) : outcome(returned);
}

io_step tls_stream::outcome(int returned) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return io_step::blocked(io_step::wait_for::readable);
    case SSL_ERROR_WANT_WRITE:
      return io_step::blocked(io_step::wait_for::writable);
    case SSL_ERROR_ZERO_RETURN:
      return io_step::failed(asio::error::eof);
    case SSL_ERROR_SYSCALL:
      if (system_error == 0) return io_step::failed(errc::truncated);
      return io_step::failed({system_error, boost::system::system_category()});
    default:
      return io_step::failed(explain());
  }
}

boost::system::error_code tls_stream::explain() {
  const unsigned long code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return errc::truncated;
  const char* words = ERR_reason_error_string(code);
  why_ = words != nullptr ? words : "unknown TLS error";
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return errc::tls_failure;
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    why_ = X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()));
    return errc::certificate_untrusted;
  }
  return SSL_is_server(ssl_.get()) && rejects_certificate(reason) ? errc::certificate_rejected : errc::tls_failure;
}

void tls_stream::shutdown_send() {
  ERR_clear_error();
  // A connection that failed in the handshake has no close_notify to send; SSL_shutdown would only queue an error.
  if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  truncate();
}

void tls_stream::truncate() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

boost::system::error_code tls_stream::move_to(const asio::any_io_executor& executor) {
  boost::system::error_code error;
  const auto protocol = socket_.local_endpoint(error).protocol();
  // OpenSSL knows the descriptor by its number, which does not change.
  const auto descriptor = error ? -1 : socket_.release(error);
  if (error) {
    socket_ = tcp::socket(executor);
    return error;
  }
  tcp::socket moved(executor);
  moved.assign(protocol, descriptor, error);
  if (error) {
    ::close(descriptor);
  } else {
    moved.native_non_blocking(true, error);
  }
  socket_ = std::move(moved);
  return error;
}

}  // namespace net
