#include "net/pem.hpp"

#include <openssl/pem.h>

#include "net/openssl_ptr.hpp"

namespace net {
namespace {

std::string content_of(BIO* memory) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string{};
}

}  // namespace

std::string to_pem(X509* certificate) {
  const bio_ptr memory{BIO_new(BIO_s_mem())};
  if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1) return {};
  return content_of(memory.get());
}

std::string to_pem(EVP_PKEY* key) {
  const bio_ptr memory{BIO_new(BIO_s_secmem())};
  if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return {};
  return content_of(memory.get());
}

}  // namespace net
