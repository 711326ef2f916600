#pragma once

// One end of a TLS connection on a non-blocking socket: OpenSSL on the descriptor, with the modes that cost least. The
// probe, the origin and the yardstick of the interceptor bench use it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <openssl/ssl.h>

namespace bench {

enum class io : std::uint8_t { moved, blocked, ended };

using context_ptr = std::shared_ptr<SSL_CTX>;

/// Trusts the certificates in `ca_file` alone and verifies. Throws std::runtime_error, as the others below.
context_ptr client_context(const std::string& ca_file);
/// Gives tickets out.
context_ptr server_context(const std::string& chain_file, const std::string& key_file);

/// Non-blocking, listening; port 0 picks one.
int listen_at(sockaddr_in address);
/// Non-blocking, the connection under way. `mark` chooses the redirect; 0: none.
int connect_to(sockaddr_in address, int mark);
/// The next connection, non-blocking, or -1.
int accept_from(int listener);
sockaddr_in loopback(std::uint8_t last_byte, std::uint16_t port);
std::uint16_t port_of(int descriptor);
/// Where a redirected connection was going.
sockaddr_in destination_of(int descriptor);

class tls_end {
 public:
  /// Takes the descriptor. With `server_name`: a client of that name, which verifies it; without: a server.
  tls_end(int descriptor, SSL_CTX* context, const char* server_name);
  ~tls_end();
  tls_end(const tls_end&) = delete;
  tls_end& operator=(const tls_end&) = delete;

  io handshake();
  io read(std::span<char> into, std::size_t& got);
  io write(std::string_view bytes, std::size_t& put);
  void shutdown();

  int descriptor() const { return descriptor_; }
  SSL* native() { return ssl_; }

 private:
  io outcome(int returned);

  int descriptor_;
  SSL* ssl_;
};

}  // namespace bench
