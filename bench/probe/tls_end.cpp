#include "bench/probe/tls_end.hpp"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace bench {
namespace {

context_ptr new_context(const SSL_METHOD* method) {
  context_ptr made(SSL_CTX_new(method), SSL_CTX_free);
  if (!made) throw std::runtime_error("no TLS context");
  SSL_CTX_set_mode(made.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(made.get(), 1);
  return made;
}

}  // namespace

context_ptr client_context(const std::string& ca_file) {
  auto made = new_context(TLS_client_method());
  if (SSL_CTX_load_verify_file(made.get(), ca_file.c_str()) != 1) throw std::runtime_error("cannot read " + ca_file);
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
  return made;
}

context_ptr server_context(const std::string& chain_file, const std::string& key_file) {
  auto made = new_context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(made.get(), chain_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(made.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot use " + chain_file);
  }
  return made;
}

tls_end::tls_end(int descriptor, SSL_CTX* context, const char* server_name)
    : descriptor_(descriptor), ssl_(SSL_new(context)) {
  if (ssl_ == nullptr || SSL_set_fd(ssl_, descriptor) != 1) throw std::runtime_error("no TLS connection");
  if (server_name == nullptr) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  SSL_set_tlsext_host_name(ssl_, server_name);
  SSL_set1_host(ssl_, server_name);
}

tls_end::~tls_end() {
  SSL_free(ssl_);
  ::close(descriptor_);
}

io tls_end::handshake() {
  ERR_clear_error();
  return outcome(SSL_do_handshake(ssl_));
}

io tls_end::read(std::span<char> into, std::size_t& got) {
  ERR_clear_error();
  return outcome(SSL_read_ex(ssl_, into.data(), into.size(), &got));
}

io tls_end::write(std::string_view bytes, std::size_t& put) {
  ERR_clear_error();
  return outcome(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &put));
}

void tls_end::shutdown() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
  ::shutdown(descriptor_, SHUT_WR);
}

io tls_end::outcome(int returned) {
  if (returned == 1) return io::moved;
  const int error = SSL_get_error(ssl_, returned);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? io::blocked : io::ended;
}

}  // namespace bench
