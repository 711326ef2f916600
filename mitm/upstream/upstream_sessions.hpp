#pragma once

// Keeps TLS sessions of origins for resumption (RFC 8446 §2.2). A resumed handshake verifies nothing again, costs a
// fraction of the CPU, and shares one copy of the origin's certificates. A session is offered only to the name that its
// certificate was verified for.

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <openssl/ssl.h>

#include "net/openssl_ptr.hpp"

namespace mitm {

class upstream_sessions {
 public:
  static constexpr std::size_t max_hosts = 256;  // the least recently used host is dropped

  /// Makes `context` store its new sessions here. Must outlive all connections made from the context.
  explicit upstream_sessions(SSL_CTX* context);
  upstream_sessions(const upstream_sessions&) = delete;
  upstream_sessions& operator=(const upstream_sessions&) = delete;

  /// Call it before the handshake. Offers the last session of the stream's server name, if there is one. From any
  /// thread.
  void offer(SSL* connection);

 private:
  struct entry {
    std::string host;
    net::ssl_session_ptr session;
  };

  static int on_new(SSL* connection, SSL_SESSION* session);
  void keep(std::string_view host, SSL_SESSION* session);

  std::mutex mutex_;         // guards the two below; held only for a look-up
  std::list<entry> by_use_;  // most recently used first
  std::unordered_map<std::string_view, std::list<entry>::iterator> by_host_;  // views into by_use_
};

}  // namespace mitm
