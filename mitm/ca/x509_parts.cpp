#undef OPENSSL_NO_DEPRECATED  // only for make_key()

#include "mitm/ca/x509_parts.hpp"

#include <array>
#include <ctime>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "net/text/hex.hpp"

namespace mitm {
namespace {

constexpr int serial_bits = 128;

net::asn1_integer_ptr random_serial() {
  const net::bignum_ptr number{BN_new()};
  if (!number || BN_rand(number.get(), serial_bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1) return {};
  return net::asn1_integer_ptr{BN_to_ASN1_INTEGER(number.get(), nullptr)};
}

net::asn1_time_ptr to_asn1(wall_time time) {
  return net::asn1_time_ptr{ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(time))};
}

net::general_name_ptr dns_name(const std::string& name) {
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  net::general_name_ptr made{GENERAL_NAME_new()};
  if (text == nullptr || !made || ASN1_STRING_set(text, name.data(), static_cast<int>(name.size())) != 1) {
    ASN1_IA5STRING_free(text);
    return {};
  }
  GENERAL_NAME_set0_value(made.get(), GEN_DNS, text);
  return made;
}

/// An address and a mask of `width` bytes each, all zero: every address of the family.
net::general_name_ptr all_addresses(int width) {
  constexpr std::array<unsigned char, 32> zeros{};
  ASN1_OCTET_STRING* range = ASN1_OCTET_STRING_new();
  net::general_name_ptr made{GENERAL_NAME_new()};
  if (range == nullptr || !made || ASN1_OCTET_STRING_set(range, zeros.data(), 2 * width) != 1) {
    ASN1_OCTET_STRING_free(range);
    return {};
  }
  GENERAL_NAME_set0_value(made.get(), GEN_IPADD, range);
  return made;
}

bool add_subtree(STACK_OF(GENERAL_SUBTREE) * &list, net::general_name_ptr base) {
  if (list == nullptr) list = sk_GENERAL_SUBTREE_new_null();
  net::general_subtree_ptr subtree{GENERAL_SUBTREE_new()};
  if (list == nullptr || !subtree || !base) return false;
  GENERAL_NAME_free(subtree->base);
  subtree->base = base.release();
  if (sk_GENERAL_SUBTREE_push(list, subtree.get()) == 0) return false;
  static_cast<void>(subtree.release());
  return true;
}

}  // namespace

// Uses functions that OpenSSL 3 deprecates: with their keys X509_set_pubkey() takes 6 us, with those of EVP_EC_gen(),
// which it encodes and decodes again, 300. Signing costs the same.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
net::key_ptr make_key() {
  net::key_ptr made{EVP_PKEY_new()};
  EC_KEY* curve = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  const bool ready = made && EC_KEY_generate_key(curve) == 1 && EVP_PKEY_assign_EC_KEY(made.get(), curve) == 1;
  if (!ready) EC_KEY_free(curve);
  return ready ? std::move(made) : net::key_ptr{};
}
#pragma clang diagnostic pop

net::key_ptr make_rsa_key() {
  constexpr unsigned bits = 2048;
  return net::key_ptr{EVP_RSA_gen(bits)};
}

net::x509_ptr begin_certificate(EVP_PKEY* key, const validity& period) {
  net::x509_ptr made{X509_new()};
  const net::asn1_integer_ptr serial = random_serial();
  const net::asn1_time_ptr from = to_asn1(period.from);
  const net::asn1_time_ptr until = to_asn1(period.until);
  const bool complete = made && serial && from && until && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                        X509_set_serialNumber(made.get(), serial.get()) == 1 &&
                        X509_set1_notBefore(made.get(), from.get()) == 1 &&
                        X509_set1_notAfter(made.get(), until.get()) == 1 && X509_set_pubkey(made.get(), key) == 1;
  return complete ? std::move(made) : net::x509_ptr{};
}

bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const net::extension_ptr made{X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

bool add_alternative_names(X509* certificate, std::span<const std::string> dns_names, bool critical) {
  const net::general_names_ptr names{GENERAL_NAMES_new()};
  if (!names) return false;
  for (const std::string& text : dns_names) {
    net::general_name_ptr name = dns_name(text);
    if (!name || sk_GENERAL_NAME_push(names.get(), name.get()) == 0) return false;
    static_cast<void>(name.release());
  }
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), critical ? 1 : 0, 0) == 1;
}

bool add_name_constraints(X509* certificate, std::span<const std::string> dns_subtrees) {
  constexpr int ipv4 = 4;
  constexpr int ipv6 = 16;
  const net::name_constraints_ptr constraints{NAME_CONSTRAINTS_new()};
  if (!constraints) return false;
  for (const std::string& subtree : dns_subtrees) {
    if (!add_subtree(constraints->permittedSubtrees, dns_name(subtree))) return false;
  }
  return add_subtree(constraints->excludedSubtrees, all_addresses(ipv4)) &&
         add_subtree(constraints->excludedSubtrees, all_addresses(ipv6)) &&
         X509_add1_ext_i2d(certificate, NID_name_constraints, constraints.get(), 1, 0) == 1;
}

bool add_name_entry(X509_NAME* name, const char* attribute, std::string_view value) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
  return X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_ASC, bytes, static_cast<int>(value.size()), -1, 0) == 1;
}

std::optional<std::vector<std::string>> permitted_subtrees(const X509* certificate) {
  const net::name_constraints_ptr constraints{
      static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(certificate, NID_name_constraints, nullptr, nullptr))};
  if (!constraints) return std::nullopt;
  std::vector<std::string> subtrees;
  for (int i = 0; i < sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees); ++i) {
    const GENERAL_NAME* base = sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i)->base;
    if (base->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(base->d.dNSName));
    subtrees.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(base->d.dNSName)));
  }
  return subtrees;
}

std::optional<wall_time> to_wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string to_iso_time(wall_time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  char text[sizeof "2026-01-31T12:00:00Z"];
  if (::gmtime_r(&seconds, &parts) == nullptr || std::strftime(text, sizeof text, "%FT%TZ", &parts) == 0) return "?";
  return text;
}

std::string sha256_fingerprint(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    if (i != 0) text += ':';
    net::text::append_hex(text, static_cast<char>(digest[i]), net::text::upper_hex_digits);
  }
  return text;
}

ca_result<std::vector<net::x509_ptr>> read_certificates(std::string_view pem) {
  ERR_clear_error();
  const net::bio_ptr memory{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  if (!memory) return openssl_error("cannot read PEM");
  std::vector<net::x509_ptr> found;
  while (X509* one = PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)) found.emplace_back(one);
  // OpenSSL reports the end of the text as "no start line".
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) return openssl_error("certificate " + std::to_string(found.size() + 1) + " is damaged");
  ERR_clear_error();
  return found;
}

}  // namespace mitm
