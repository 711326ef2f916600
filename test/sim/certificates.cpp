#include "test/sim/certificates.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "net/openssl_ptr.hpp"

namespace sim {
namespace {

using net::extension_ptr;
using net::key_ptr;
using net::x509_ptr;
using file_ptr = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

struct identity {
  x509_ptr certificate;
  key_ptr key;
};

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("cannot make the test certificates: ") + what);
}

x509_ptr blank_certificate(EVP_PKEY* key, const std::string& name) {
  constexpr long day = 24 * 3600;
  x509_ptr certificate(X509_new());
  require(certificate && X509_set_version(certificate.get(), 2), "certificate");
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 30 * day);
  auto* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  require(X509_set_pubkey(certificate.get(), key) == 1, "public key");
  return certificate;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

void sign(X509* certificate, const identity& issuer) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get()));
  require(X509_sign(certificate, issuer.key.get(), EVP_sha256()) > 0, "signature");
}

identity make_root() {
  identity root{nullptr, key_ptr(EVP_EC_gen("P-256"))};
  require(root.key != nullptr, "key");
  root.certificate = blank_certificate(root.key.get(), "Simulated origin root");
  auto* certificate = root.certificate.get();
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, root);
  return root;
}

identity make_server(const identity& root, const std::vector<std::string>& hosts) {
  identity server{nullptr, key_ptr(EVP_EC_gen("P-256"))};
  require(server.key != nullptr && !hosts.empty(), "host names");
  server.certificate = blank_certificate(server.key.get(), hosts.front());
  std::string names;
  for (const auto& host : hosts) names += (names.empty() ? "DNS:" : ",DNS:") + host;
  auto* certificate = server.certificate.get();
  extend(certificate, root.certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(certificate, root.certificate.get(), NID_key_usage, "critical,digitalSignature");
  extend(certificate, root.certificate.get(), NID_ext_key_usage, "serverAuth");
  extend(certificate, root.certificate.get(), NID_subject_alt_name, names);
  extend(certificate, root.certificate.get(), NID_subject_key_identifier, "hash");
  extend(certificate, root.certificate.get(), NID_authority_key_identifier, "keyid:always");
  sign(certificate, root);
  return server;
}

file_ptr create(const std::filesystem::path& path, mode_t mode) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
  if (descriptor < 0) throw std::runtime_error("cannot write " + path.string());
  return file_ptr(::fdopen(descriptor, "w"), std::fclose);
}

}  // namespace

certificate_files make_certificates(const std::filesystem::path& folder, const std::vector<std::string>& hosts) {
  std::filesystem::create_directories(folder);
  const auto root = make_root();
  const auto server = make_server(root, hosts);
  const certificate_files files{folder / "origin-cert.pem", folder / "origin-key.pem"};
  PEM_write_X509(create(folder / "origin-ca.pem", 0644).get(), root.certificate.get());
  PEM_write_X509(create(files.chain, 0644).get(), server.certificate.get());
  PEM_write_PrivateKey(create(files.key, 0600).get(), server.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

}  // namespace sim
