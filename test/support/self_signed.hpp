#pragma once

// A key and the certificate that it signs for itself, as a language server makes one at its start.

#include <atomic>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace test {

struct key_and_certificate {
  std::string key_pem;
  std::string certificate_pem;
};

inline std::string bio_text(BIO* bio) {
  char* begin = nullptr;
  const long size = BIO_get_mem_data(bio, &begin);
  std::string text(begin, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

/// `names` in the form of OpenSSL's subjectAltName, e.g. "DNS:localhost,IP:127.0.0.1"; empty for none.
inline key_and_certificate self_signed(const std::string& names, const std::string& common_name = "") {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  static std::atomic<long> serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto add = [&](const char* field, const std::string& value) {
    X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                               static_cast<int>(value.size()), -1, 0);
  };
  add("O", "test");
  if (!common_name.empty()) add("CN", common_name);
  X509_set_issuer_name(certificate, subject);
  if (!names.empty()) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());

  BIO* key_out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_out, key, nullptr, nullptr, 0, nullptr, nullptr);
  BIO* certificate_out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_out, certificate);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {bio_text(key_out), bio_text(certificate_out)};
}

}  // namespace test
