#include "app/accounting/account_key.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "net/text/ascii.hpp"
#include "net/text/hex.hpp"
#include "usage/limits/account_window.hpp"

namespace app {
namespace {

constexpr std::size_t account_bytes = 8;

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string text_of(const std::array<std::uint64_t, 2>& key) {
  return {reinterpret_cast<const char*>(key.data()), sizeof key};
}

/// The part of an authorization that stays the same: without its scheme, and of a signature the id of its key.
std::string_view credential_in(std::string_view authorization) {
  const auto space = authorization.find(' ');
  if (space == authorization.npos) return authorization;
  const auto scheme = authorization.substr(0, space);
  auto rest = net::text::trimmed(authorization.substr(space));
  if (!scheme.starts_with("AWS4-")) return rest;
  constexpr std::string_view id = "Credential=";
  const auto at = rest.find(id);
  if (at == rest.npos) return {};
  rest.remove_prefix(at + id.size());
  return rest.substr(0, rest.find('/'));
}

/// Of "…?alt=sse&key=…".
std::string_view key_in(std::string_view target) {
  const auto question = target.find('?');
  if (question == target.npos) return {};
  std::string_view query = target.substr(question + 1);
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    if (part.starts_with("key=")) return part.substr(4);
    query.remove_prefix(std::min(part.size() + 1, query.size()));
  }
  return {};
}

}  // namespace

void account_key::free_context::operator()(EVP_MAC_CTX* context) const {
  EVP_MAC_CTX_free(context);
}

account_key::account_key(const hash_secret& secret) : account_key(text_of(derived_key(secret, "accounts"))) {}

account_key::account_key(std::string_view key) {
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  keyed_.reset(EVP_MAC_CTX_new(hmac));
  EVP_MAC_free(hmac);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  const auto bytes = bytes_of(key);
  if (!keyed_ || EVP_MAC_init(keyed_.get(), bytes.data(), bytes.size(), parameters) != 1)
    throw std::runtime_error("OpenSSL has no HMAC-SHA-256");
}

std::uint64_t account_key::of(const net::wire::request_head& head) const {
  const auto value = [&head](std::string_view name) { return head.fields.find(name).value_or(std::string_view()); };
  if (const auto named = value("chatgpt-account-id"); !named.empty()) return hash('a', named);
  for (const auto& credential : {credential_in(value("authorization")), value("x-api-key"), value("api-key"),
                                 value("x-goog-api-key"), key_in(head.target)}) {
    if (!credential.empty()) return hash('k', credential);
  }
  return 0;
}

std::uint64_t account_key::hash(char kind, std::string_view credential) const {
  const context hashing(EVP_MAC_CTX_dup(keyed_.get()));
  const auto bytes = bytes_of(credential);
  const auto first = static_cast<unsigned char>(kind);
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  std::size_t length = 0;
  if (!hashing || EVP_MAC_update(hashing.get(), &first, 1) != 1 ||
      EVP_MAC_update(hashing.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_MAC_final(hashing.get(), out.data(), &length, out.size()) != 1)
    return 0;
  std::uint64_t account = 0;
  for (const unsigned char byte : std::span(out).first(account_bytes)) account = account << 8 | byte;
  return account;
}

std::string account_key::to_text(std::uint64_t account) {
  if (account == 0) return usage::no_account;
  std::array<unsigned char, account_bytes> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(account >> (8 * (bytes.size() - 1 - i)));
  return net::text::to_hex(bytes);
}

}  // namespace app
