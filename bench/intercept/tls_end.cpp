#include "bench/intercept/tls_end.hpp"

#include <linux/netfilter_ipv4.h>
#include <netinet/tcp.h>
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

void no_delay(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int new_socket() {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::runtime_error("no socket: raise the limit of open files");
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

sockaddr_in loopback(std::uint8_t last_byte, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(0x7f000000u + last_byte);
  return address;
}

int listen_at(sockaddr_in address) {
  const int made = new_socket();
  const int on = 1;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(made, 4096) != 0) {
    throw std::runtime_error("cannot listen");
  }
  return made;
}

int connect_to(sockaddr_in address, int mark) {
  const int made = new_socket();
  if (mark != 0 && ::setsockopt(made, SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0) {
    throw std::runtime_error("marking connections takes CAP_NET_ADMIN");
  }
  no_delay(made);
  ::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return made;
}

int accept_from(int listener) {
  const int got = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (got >= 0) no_delay(got);
  return got;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

sockaddr_in destination_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockopt(descriptor, SOL_IP, SO_ORIGINAL_DST, &address, &size);
  return address;
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
