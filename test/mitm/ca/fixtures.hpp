#pragma once

// What the tests of the CA share: a directory that goes away, a CA in it, and OpenSSL's own verdict on a leaf.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/x509_vfy.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mitm/ca/certificate_authority.hpp"
#include "mitm/ca/leaf_mint.hpp"

namespace mitm::test {

namespace fs = std::filesystem;

class scratch_directory {
 public:
  scratch_directory() {
    std::string pattern = fs::temp_directory_path() / "zerogravity-ca-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~scratch_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const fs::path& path() const { return path_; }
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

inline std::string content_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const fs::path& path, std::string_view content) {
  std::ofstream{path, std::ios::binary}.write(content.data(), static_cast<std::streamsize>(content.size()));
}

inline mode_t mode_of(const fs::path& path) {
  struct stat found{};
  ::lstat(path.c_str(), &found);
  return found.st_mode & 07777;
}

inline std::vector<std::string> files_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename());
  return names;
}

inline const std::vector<std::string> hosts{"api.openai.com", "chatgpt.com", "googleapis.com"};

/// Fixed, so that nothing depends on the day the tests run: 2026-02-03T04:05:06Z.
inline const wall_time now = std::chrono::system_clock::from_time_t(1770091506);

inline std::shared_ptr<const certificate_authority> new_authority(const fs::path& directory, wall_time at = now) {
  return std::make_shared<const certificate_authority>(
      certificate_authority::open_or_create(ca_files::in(directory), hosts, at).value());
}

/// OpenSSL's verdict on `leaf` for `host` by somebody who trusts `ca` alone, all its strict checks included.
inline int verify(X509* leaf, X509* ca, const char* host, wall_time at = now) {
  const std::unique_ptr<X509_STORE, net::deleter<X509_STORE_free>> store{X509_STORE_new()};
  const std::unique_ptr<X509_STORE_CTX, net::deleter<X509_STORE_CTX_free>> context{X509_STORE_CTX_new()};
  X509_STORE_add_cert(store.get(), ca);
  X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr);
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set1_host(rules, host, 0);
  X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(at));
  return X509_verify_cert(context.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
}

}  // namespace mitm::test
