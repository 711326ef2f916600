#pragma once

// Tells accounts of providers apart by the credential of a request, which is neither kept nor shown: a keyed hash of it
// is (HMAC-SHA-256, cut to 64 bits). Without the secret of this machine nobody can tell whether a key is the one of a
// hash. Used from the strands of all connections.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include "app/accounting/hash_secret.hpp"
#include "net/wire/message_head.hpp"

namespace app {

class account_key {
 public:
  explicit account_key(const hash_secret& secret);
  /// `key`: its bytes, which no hash of another purpose has.
  explicit account_key(std::string_view key);

  /// 0: the request has no credential. An account that ChatGPT names is told by that name, because its tokens change.
  std::uint64_t of(const net::wire::request_head& head) const;

  /// 16 hexadecimal digits; usage::no_account for 0.
  static std::string to_text(std::uint64_t account);

 private:
  struct free_context {
    void operator()(EVP_MAC_CTX* context) const;
  };
  using context = std::unique_ptr<EVP_MAC_CTX, free_context>;

  std::uint64_t hash(char kind, std::string_view credential) const;

  context keyed_;  // only copied
};

}  // namespace app
