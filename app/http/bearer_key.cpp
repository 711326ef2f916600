#include "app/http/bearer_key.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "net/text/ascii.hpp"
#include "net/wire/message_head.hpp"

namespace app {

bearer_key::bearer_key(std::string_view key) : expected_(key.empty() ? std::nullopt : digest_of(key)) {}

bool bearer_key::accepts(std::string_view authorization) const noexcept {
  constexpr std::string_view scheme = "Bearer ";
  if (!net::text::iequals(authorization.substr(0, scheme.size()), scheme)) return false;
  const auto given = digest_of(authorization.substr(scheme.size()));
  return given && expected_ && CRYPTO_memcmp(given->data(), expected_->data(), given->size()) == 0;
}

std::optional<bearer_key::digest> bearer_key::digest_of(std::string_view text) noexcept {
  digest out{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), out.data(), &length, EVP_sha256(), nullptr) != 1) return std::nullopt;
  return out;
}

}  // namespace app
