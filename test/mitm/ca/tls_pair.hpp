#pragma once

// A TLS handshake in memory: a server with a leaf and a client that verifies as real ones do.

#include <string>

#include <openssl/ssl.h>

#include "mitm/ca/server_identity.hpp"

namespace mitm::test {

class tls_pair {
 public:
  tls_pair(const server_identity& server, SSL_CTX* client, const char* host)
      : server_(SSL_new(server.context())), client_(SSL_new(client)) {
    server.show_on(server_.get());
    BIO* left = nullptr;
    BIO* right = nullptr;
    BIO_new_bio_pair(&left, 0, &right, 0);
    SSL_set_bio(server_.get(), left, left);
    SSL_set_bio(client_.get(), right, right);
    SSL_set_accept_state(server_.get());
    SSL_set_connect_state(client_.get());
    SSL_set_verify(client_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_set_tlsext_host_name(client_.get(), host);
    SSL_set1_host(client_.get(), host);
  }

  /// Both sides are done, or one has failed. The client last, so that it also reads a ticket.
  bool handshake() {
    bool server_done = false;
    bool client_done = false;
    for (int round = 0; round < 20 && !(server_done && client_done); ++round) {
      client_done = SSL_do_handshake(client_.get()) == 1;
      server_done = SSL_do_handshake(server_.get()) == 1;
    }
    return server_done && client_done;
  }

  /// One message there; what arrived.
  std::string server_says(const std::string& text) {
    SSL_write(server_.get(), text.data(), static_cast<int>(text.size()));
    char received[256];
    const int size = SSL_read(client_.get(), received, sizeof received);
    return size > 0 ? std::string(received, static_cast<std::size_t>(size)) : std::string{};
  }

  SSL* server() const { return server_.get(); }
  SSL* client() const { return client_.get(); }

 private:
  net::ssl_ptr server_;
  net::ssl_ptr client_;
};

inline net::ssl_context_ptr new_client() {
  return {SSL_CTX_new(TLS_client_method()), net::deleter<SSL_CTX_free>{}};
}

}  // namespace mitm::test
