#pragma once

// One end of a TLS connection on a non-blocking socket: OpenSSL on the descriptor, in the cheapest modes. The probe
// uses it, and so do the origin and the yardstick of the interceptor bench.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "bench/probe/connection_end.hpp"

namespace bench {

using context_ptr = std::shared_ptr<SSL_CTX>;

/// Verifies, and trusts only the certificates in `ca_file`. Throws std::runtime_error, like the functions below.
context_ptr client_context(const std::string& ca_file);
/// Issues session tickets.
context_ptr server_context(const std::string& chain_file, const std::string& key_file);

class tls_end final : public connection_end {
 public:
  /// Takes the descriptor. With `server_name` it is a client, which verifies that name; without, a server.
  tls_end(int descriptor, SSL_CTX* context, const char* server_name);
  ~tls_end() override;
  tls_end(const tls_end&) = delete;
  tls_end& operator=(const tls_end&) = delete;

  io handshake() override;
  io read(std::span<char> into, std::size_t& got) override;
  io write(std::string_view bytes, std::size_t& put) override;
  void shutdown() override;

  int descriptor() const override { return descriptor_; }
  SSL* native() { return ssl_; }

 private:
  io outcome(int returned);

  int descriptor_;
  SSL* ssl_;
};

}  // namespace bench
