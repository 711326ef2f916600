#include "mitm/ca/java_store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "mitm/ca/atomic_file.hpp"
#include "net/deleter.hpp"
#include "net/openssl_ptr.hpp"

namespace mitm {
namespace {

// The format: magic, version, count, then entries; a digest of the password, a phrase and all of it ends the file. An
// entry is a tag, an alias, a time, and for a certificate its type and DER. Integers are big-endian, texts have a
// two-byte length (sun.security.provider.JavaKeyStore).
constexpr std::uint32_t magic = 0xfeedfeed;
constexpr std::uint32_t version = 2;
constexpr std::uint32_t trusted_certificate = 2;
constexpr std::string_view certificate_type = "X.509";
constexpr std::string_view phrase = "Mighty Aphrodite";
constexpr std::uint32_t max_entries = 4096;  // of a store that is read

class certificates {
 public:
  void add(std::string der) {
    const auto [place, added] = seen_.insert(std::move(der));
    if (added) ordered_.push_back(&*place);
  }
  const std::vector<const std::string*>& all() const { return ordered_; }
  bool have(const std::string& der) const { return seen_.contains(der); }

 private:
  std::set<std::string> seen_;
  std::vector<const std::string*> ordered_;
};

void add_pem(std::string_view pem, certificates& into) {
  const net::bio_ptr memory{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  char* type = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long length = 0;
  // Not decoded: there are about 150, and OpenSSL 3 is slow to decode keys.
  while (memory && PEM_read_bio(memory.get(), &type, &header, &bytes, &length) == 1) {
    if (std::string_view(type) == PEM_STRING_X509) {
      into.add(std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length)));
    }
    OPENSSL_free(type);
    OPENSSL_free(header);
    OPENSSL_free(bytes);
  }
  ERR_clear_error();
}

/// Reads a JKS. At its end, or where it is damaged, everything is nullopt.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  template <class T>
  std::optional<T> number() {
    const auto bytes = take(sizeof(T));
    if (!bytes) return std::nullopt;
    T value = 0;
    for (const char each : *bytes) value = static_cast<T>(value << 8 | static_cast<unsigned char>(each));
    return value;
  }
  std::optional<std::string_view> take(std::size_t length) {
    if (rest_.size() < length) return std::nullopt;
    const auto taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }
  std::optional<std::string_view> text() {
    const auto length = number<std::uint16_t>();
    return length ? take(*length) : std::nullopt;
  }

 private:
  std::string_view rest_;
};

bool add_jks(std::string_view store, certificates& into) {
  reader from(store);
  if (from.number<std::uint32_t>() != magic || from.number<std::uint32_t>() != version) return false;
  const auto count = from.number<std::uint32_t>().value_or(0);
  for (std::uint32_t i = 0; i < count && i < max_entries; ++i) {
    // A private key has no place in a store of CAs; what follows one is not read.
    if (from.number<std::uint32_t>() != trusted_certificate) return true;
    const bool headed = from.text() && from.number<std::uint64_t>();
    const auto type = headed ? from.text() : std::nullopt;
    const auto length = type ? from.number<std::uint32_t>() : std::nullopt;
    const auto der = length ? from.take(*length) : std::nullopt;
    if (!der) return true;
    if (*type == certificate_type) into.add(std::string(*der));
  }
  return true;
}

std::string der_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length > 0 ? length : 0));
  OPENSSL_free(der);
  return text;
}

using pkcs12_ptr = std::unique_ptr<PKCS12, net::deleter<PKCS12_free>>;

void free_certificates(STACK_OF(X509) * all) {
  sk_X509_pop_free(all, X509_free);
}

void add_pkcs12(std::string_view store, certificates& into) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(store.data());
  const pkcs12_ptr read(d2i_PKCS12(nullptr, &bytes, static_cast<long>(store.size())));
  for (const char* password : {java_store_password.data(), "", static_cast<const char*>(nullptr)}) {
    EVP_PKEY* key = nullptr;
    X509* own = nullptr;
    STACK_OF(X509)* others = nullptr;
    if (!read || PKCS12_parse(read.get(), password, &key, &own, &others) != 1) continue;
    EVP_PKEY_free(key);
    X509_free(own);
    const std::unique_ptr<STACK_OF(X509), net::deleter<free_certificates>> all(others);
    for (int i = 0; i < sk_X509_num(others); ++i) {
      if (auto der = der_of(sk_X509_value(others, i)); !der.empty()) into.add(std::move(der));
    }
    break;
  }
  ERR_clear_error();
}

void add_store(const std::filesystem::path& file, certificates& into) {
  const auto store = read_small_file(file, links::follow);
  if (store && !add_jks(store->content, into)) add_pkcs12(store->content, into);
}

class writer {
 public:
  template <class T>
  void number(T value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
      text_ += static_cast<char>(value >> shift & 0xff);
    }
  }
  void text(std::string_view value) {
    number(static_cast<std::uint16_t>(value.size()));
    text_ += value;
  }
  void bytes(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    text_ += value;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string digest_of(std::string_view store) {
  std::string all;
  for (const char each : java_store_password) all.append({'\0', each});  // UTF-16
  all.append(phrase).append(store);
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  EVP_Digest(all.data(), all.size(), reinterpret_cast<unsigned char*>(digest.data()), &length, EVP_sha1(), nullptr);
  digest.resize(length);
  return digest;
}

}  // namespace

ca_result<std::string> compose_java_store(std::string_view pem, std::span<const std::filesystem::path> existing) {
  certificates found;
  add_pem(pem, found);
  if (found.all().empty()) return ca_error{"there is no certificate for Java's trust store"};
  for (const auto& each : existing) add_store(each, found);
  writer out;
  out.number(magic);
  out.number(version);
  out.number(static_cast<std::uint32_t>(found.all().size()));
  std::size_t number = 0;
  for (const auto* der : found.all()) {
    out.number(trusted_certificate);
    out.text("zerogravity-" + std::to_string(++number));
    out.number(std::uint64_t{0});  // when it was added
    out.text(certificate_type);
    out.bytes(*der);
  }
  auto store = out.take();
  store += digest_of(store);
  return text_result(std::move(store));
}

bool java_store_trusts(const std::filesystem::path& store, X509* certificate) {
  certificates found;
  add_store(store, found);
  return found.have(der_of(certificate));
}

}  // namespace mitm
