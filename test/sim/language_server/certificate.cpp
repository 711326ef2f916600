#include "test/sim/language_server/certificate.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "net/openssl_ptr.hpp"

namespace sim::ls {
namespace {

using net::bio_ptr;
using net::extension_ptr;
using net::key_ptr;
using net::x509_ptr;

void require(bool done) {
  if (!done) throw std::runtime_error("cannot make the server's certificate");
}

void name(X509* made) {
  auto* subject = X509_get_subject_name(made);
  const auto* text = reinterpret_cast<const unsigned char*>("localhost");
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1);
  require(X509_set_issuer_name(made, subject) == 1);
}

void extend(X509* made, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, made, made, nullptr, nullptr, 0);
  const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  require(extension && X509_add_ext(made, extension.get(), -1) == 1);
}

x509_ptr sign_itself(EVP_PKEY* key) {
  constexpr long day = 24 * 3600;
  x509_ptr made(X509_new());
  require(made && X509_set_version(made.get(), 2) == 1);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -day);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 30 * day);
  name(made.get());
  require(X509_set_pubkey(made.get(), key) == 1);
  extend(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(made.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
  require(X509_sign(made.get(), key, EVP_sha256()) > 0);
  return made;
}

std::string text_of(BIO* memory) {
  char* start = nullptr;
  const auto size = BIO_get_mem_data(memory, &start);
  return {start, static_cast<std::size_t>(size)};
}

}  // namespace

certificate make_certificate() {
  const key_ptr key(EVP_EC_gen("P-256"));
  require(key != nullptr);
  const auto made = sign_itself(key.get());
  const bio_ptr chain(BIO_new(BIO_s_mem())), secret(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(chain.get(), made.get()) == 1);
  require(PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {text_of(chain.get()), text_of(secret.get())};
}

}  // namespace sim::ls
