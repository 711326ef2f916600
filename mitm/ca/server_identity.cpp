#include "mitm/ca/server_identity.hpp"

#include <new>
#include <utility>

#include <openssl/err.h>

namespace mitm {

ca_result<server_identity_ptr> server_identity::make(net::ssl_context_ptr context, net::x509_ptr leaf, EVP_PKEY* key) {
  ERR_clear_error();
  EVP_PKEY_up_ref(key);
  server_identity_ptr made(new server_identity(std::move(context), std::move(leaf), net::key_ptr(key)));
  // Check once here that key and leaf match, so that no connection can fail on it.
  const net::ssl_ptr trial{SSL_new(made->context())};
  if (!trial || !made->put_on(trial.get())) return openssl_error("cannot serve a leaf");
  return made;
}

bool server_identity::put_on(SSL* connection) const {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(leaf_.get());
  return SSL_use_cert_and_key(connection, leaf_.get(), key_.get(), nullptr, 1) == 1 &&
         SSL_set_session_id_context(connection, ASN1_STRING_get0_data(serial),
                                    static_cast<unsigned>(ASN1_STRING_length(serial))) == 1;
}

void server_identity::show_on(SSL* connection) const {
  if (!put_on(connection)) throw std::bad_alloc();
}

}  // namespace mitm
