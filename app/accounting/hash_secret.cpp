#include "app/accounting/hash_secret.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <unistd.h>

#include "mitm/ca/atomic_file.hpp"

namespace app {
namespace {

constexpr mode_t private_mode = 0600;

using secret_or_not = boost::system::result<hash_secret, bad_hash_key>;

/// A new key only means that hashes of before are equal to none of later.
bad_hash_key replaceable(const std::filesystem::path& file, std::string_view what) {
  return {file.string() + ": " + std::string(what) + "; to have a new one: rm " + file.string() +
          " and start the service again"};
}

secret_or_not read(const std::filesystem::path& file) {
  const auto found = mitm::read_small_file(file, mitm::links::refuse);
  if (!found) return bad_hash_key{found.error().message};
  if (found->owner != ::geteuid() && ::geteuid() != 0) {
    return bad_hash_key{file.string() + ": the key of the ledger's hashes belongs to user " +
                        std::to_string(found->owner) + ", and the service runs as user " + std::to_string(::geteuid()) +
                        "; run: sudo chown " + std::to_string(::geteuid()) + ' ' + file.string()};
  }
  if ((found->mode & 077) != 0) return replaceable(file, "others can read or write the key of the ledger's hashes");
  hash_secret secret{};
  if (found->content.size() != secret.size())
    return replaceable(file, "holds no key of hashes: " + std::to_string(secret.size()) +
                                 " bytes are expected, it has " + std::to_string(found->content.size()));
  std::ranges::copy(found->content, secret.begin());
  return secret;
}

}  // namespace

std::filesystem::path hash_key_file(const std::filesystem::path& state_dir) {
  return state_dir / "hash.key";
}

secret_or_not open_or_create_hash_secret(const std::filesystem::path& state_dir) {
  const auto file = hash_key_file(state_dir);
  if (mitm::is_present(file)) return read(file);
  hash_secret secret{};
  if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1)
    return bad_hash_key{file.string() + ": no random bytes for the key of the ledger's hashes could be had"};
  const std::string_view content(reinterpret_cast<const char*>(secret.data()), secret.size());
  const auto written = mitm::write_atomically(file, content, private_mode, mitm::existing_file::keep);
  if (!written) return bad_hash_key{written.error().message};
  if (!*written) return read(file);  // another process was faster
  return secret;
}

std::array<std::uint64_t, 2> derived_key(const hash_secret& secret, std::string_view purpose) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(), code.data(), &length);
  std::array<std::uint64_t, 2> key{};
  std::memcpy(key.data(), code.data(), sizeof(key));
  return key;
}

}  // namespace app
