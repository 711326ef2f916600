#include "mitm/ca/trust_store.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "mitm/ca/atomic_file.hpp"
#include "net/openssl_ptr.hpp"

namespace mitm {
namespace {

using name_ptr = std::unique_ptr<X509_NAME, net::deleter<X509_NAME_free>>;

struct waiting_certificate {
  std::string der;
  bool has_trust_settings;  // "TRUSTED CERTIFICATE": they follow the certificate
};

using by_subject = std::unordered_multimap<unsigned long, waiting_certificate>;

std::optional<unsigned long> hash_of(const X509_NAME* name) {
  int done = 0;
  const unsigned long hash = X509_NAME_hash_ex(name, nullptr, nullptr, &done);
  if (done == 0) return std::nullopt;
  return hash;
}

/// Steps over DER elements without decoding them.
class der_cursor {
 public:
  explicit der_cursor(std::string_view der)
      : next_(reinterpret_cast<const unsigned char*>(der.data())), end_(next_ + der.size()) {}

  bool enter() { return head().has_value(); }
  bool skip() {
    const auto length = head();
    if (length) next_ += *length;
    return length.has_value();
  }
  bool skip_if_tagged() {
    const bool tagged = next_ != end_ && (*next_ & V_ASN1_CONTEXT_SPECIFIC) != 0;
    return !tagged || skip();
  }
  name_ptr name() { return name_ptr(d2i_X509_NAME(nullptr, &next_, end_ - next_)); }

 private:
  std::optional<long> head() {
    constexpr int broken = 0x80;
    long length = 0;
    int tag = 0;
    int kind = 0;
    if ((ASN1_get_object(&next_, &length, &tag, &kind, end_ - next_) & broken) != 0) return std::nullopt;
    return length;
  }

  const unsigned char* next_;
  const unsigned char* end_;
};

name_ptr subject_of(std::string_view der) {
  der_cursor cursor(der);
  const bool found = cursor.enter() && cursor.enter() && cursor.skip_if_tagged() /* version */ &&
                     cursor.skip() /* serial number */ && cursor.skip() /* algorithm */ && cursor.skip() /* issuer */ &&
                     cursor.skip() /* validity */;
  return found ? cursor.name() : nullptr;
}

struct pem_block {
  std::string type;
  std::string der;
};

std::optional<pem_block> read_block(BIO* pem) {
  char* type = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long length = 0;
  if (PEM_read_bio(pem, &type, &header, &bytes, &length) != 1) return std::nullopt;
  pem_block block{type, std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length))};
  OPENSSL_free(type);
  OPENSSL_free(header);
  OPENSSL_clear_free(bytes, static_cast<std::size_t>(length));
  return block;
}

/// On failure the reason is in OpenSSL's error queue.
std::optional<by_subject> index_of(std::string_view pem) {
  const net::bio_ptr memory{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  if (!memory) return std::nullopt;
  by_subject found;
  while (auto block = read_block(memory.get())) {
    const bool trusted = block->type == PEM_STRING_X509_TRUSTED;
    if (!trusted && block->type != PEM_STRING_X509 && block->type != PEM_STRING_X509_OLD) continue;
    const name_ptr subject = subject_of(block->der);
    const auto hash = subject ? hash_of(subject.get()) : std::nullopt;
    if (!hash) return std::nullopt;
    found.emplace(*hash, waiting_certificate{std::move(block->der), trusted});
  }
  // OpenSSL reports the end of the text as "no start line".
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return std::nullopt;
  if (found.empty()) return std::nullopt;
  ERR_clear_error();
  return found;
}

/// The certificates that a store has not decoded yet. Threads that verify chains look them up.
class waiting_room {
 public:
  void add(by_subject&& more) {
    std::lock_guard lock(mutex_);
    waiting_.merge(std::move(more));
  }

  /// Holds the lock until the store has the certificate, so that another thread finds it in one place or the other.
  void admit(X509_STORE* store, const X509_NAME* subject) {
    const auto hash = hash_of(subject);
    if (!hash) return;
    std::lock_guard lock(mutex_);
    const auto [first, last] = waiting_.equal_range(*hash);
    if (first == last) return;
    for (auto each = first; each != last; ++each) {
      const net::x509_ptr decoded = decode(each->second);
      if (!decoded) continue;
      // Reads the extensions now, so that threads need not do so when they verify.
      X509_check_purpose(decoded.get(), -1, 0);
      X509_STORE_add_cert(store, decoded.get());
    }
    waiting_.erase(first, last);
    ERR_clear_error();
  }

 private:
  static net::x509_ptr decode(const waiting_certificate& waiting) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(waiting.der.data());
    const auto length = static_cast<long>(waiting.der.size());
    return net::x509_ptr(waiting.has_trust_settings ? d2i_X509_AUX(nullptr, &bytes, length)
                                                    : d2i_X509(nullptr, &bytes, length));
  }

  std::mutex mutex_;
  by_subject waiting_;
};

void free_room(void*, void* room, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<waiting_room*>(room);
}

/// The store's slot for its waiting_room.
int slot() {
  static const int number = X509_STORE_get_ex_new_index(0, nullptr, nullptr, nullptr, free_room);
  return number;
}

waiting_room* room_of(X509_STORE* store) {
  return static_cast<waiting_room*>(X509_STORE_get_ex_data(store, slot()));
}

void admit(X509_STORE_CTX* verification, const X509_NAME* subject) {
  X509_STORE* store = X509_STORE_CTX_get0_store(verification);
  room_of(store)->admit(store, subject);
}

int issuer_of(X509** issuer, X509_STORE_CTX* verification, X509* certificate) {
  admit(verification, X509_get_issuer_name(certificate));
  return X509_STORE_CTX_get1_issuer(issuer, verification, certificate);
}

STACK_OF(X509) * certificates_of(X509_STORE_CTX* verification, const X509_NAME* subject) {
  admit(verification, subject);
  return X509_STORE_CTX_get1_certs(verification, subject);
}

bool give_room(X509_STORE* store) {
  auto made = std::make_unique<waiting_room>();
  if (X509_STORE_set_ex_data(store, slot(), made.get()) != 1) return false;
  made.release();
  X509_STORE_set_get_issuer(store, issuer_of);
  X509_STORE_set_lookup_certs(store, certificates_of);
  return true;
}

}  // namespace

ca_result<void> trust_file(X509_STORE* store, const std::filesystem::path& file) {
  ERR_clear_error();
  const auto text = read_small_file(file, links::follow);
  if (!text) return ca_error{"cannot read CA certificates from " + text.error().message};
  auto found = index_of(text->content);
  if (!found) return openssl_error("cannot read CA certificates from " + file.string());
  if (room_of(store) == nullptr && !give_room(store)) return openssl_error("cannot trust " + file.string());
  room_of(store)->add(std::move(*found));
  return {};
}

}  // namespace mitm
