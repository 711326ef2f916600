#pragma once

// SHA-256 of bytes that arrive in pieces.

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace sim {

class digest {
 public:
  digest();
  void add(std::string_view bytes);
  /// Lower-case hex. Call once.
  std::string finish();

 private:
  struct release {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, release> context_;
};

}  // namespace sim
