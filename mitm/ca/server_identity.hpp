#pragma once

// Our identity towards an intercepted client: a leaf with its key, set on a connection of the one server context.
// certificate_cache makes one per leaf. A context per leaf would cost memory, and a third of a handshake to make.

#include <memory>

#include "mitm/ca/ca_error.hpp"
#include "net/openssl_ptr.hpp"

namespace mitm {

class server_identity;
using server_identity_ptr = std::shared_ptr<const server_identity>;

class server_identity {
 public:
  /// Keeps all three. Fails if the key does not match the leaf.
  static ca_result<server_identity_ptr> make(net::ssl_context_ptr context, net::x509_ptr leaf, EVP_PKEY* key);

  /// The context for connections with this identity.
  SSL_CTX* context() const noexcept { return context_.get(); }
  X509* leaf() const noexcept { return leaf_.get(); }

  /// Call it before the handshake, on a connection made from context(). Prevents resuming a session of another
  /// identity, since all tickets are sealed with the same keys. Throws std::bad_alloc.
  void show_on(SSL* connection) const;

 private:
  server_identity(net::ssl_context_ptr context, net::x509_ptr leaf, net::key_ptr key)
      : context_(std::move(context)), leaf_(std::move(leaf)), key_(std::move(key)) {}

  bool put_on(SSL* connection) const;

  net::ssl_context_ptr context_;
  net::x509_ptr leaf_;
  net::key_ptr key_;
};

}  // namespace mitm
