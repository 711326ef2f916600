#pragma once

// Owning pointers to OpenSSL's objects. Null means that the call that should have made the object failed.

#include <memory>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "net/deleter.hpp"

namespace net {

using bio_ptr = std::unique_ptr<BIO, deleter<BIO_free_all>>;
using bignum_ptr = std::unique_ptr<BIGNUM, deleter<BN_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, deleter<X509_free>>;
using asn1_integer_ptr = std::unique_ptr<ASN1_INTEGER, deleter<ASN1_INTEGER_free>>;
using asn1_time_ptr = std::unique_ptr<ASN1_TIME, deleter<ASN1_TIME_free>>;
using general_names_ptr = std::unique_ptr<GENERAL_NAMES, deleter<GENERAL_NAMES_free>>;
using general_name_ptr = std::unique_ptr<GENERAL_NAME, deleter<GENERAL_NAME_free>>;
using general_subtree_ptr = std::unique_ptr<GENERAL_SUBTREE, deleter<GENERAL_SUBTREE_free>>;
using name_constraints_ptr = std::unique_ptr<NAME_CONSTRAINTS, deleter<NAME_CONSTRAINTS_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;
using ssl_ptr = std::unique_ptr<SSL, deleter<SSL_free>>;
using ssl_session_ptr = std::unique_ptr<SSL_SESSION, deleter<SSL_SESSION_free>>;

/// Shared because connections may outlive whoever made their context.
using ssl_context_ptr = std::shared_ptr<SSL_CTX>;

}  // namespace net
