#pragma once

// The API key of the service. Keys are compared by digest and in constant time, so that timing reveals neither the
// length nor a common prefix.

#include <array>
#include <optional>
#include <string_view>

namespace app {

class bearer_key {
 public:
  /// An empty key accepts none.
  explicit bearer_key(std::string_view key);

  /// `authorization` is the field's value: `Bearer <key>`, the scheme in any case.
  bool accepts(std::string_view authorization) const noexcept;

 private:
  using digest = std::array<unsigned char, 32>;
  /// nullopt if OpenSSL has no SHA-256 (no provider is loaded).
  static std::optional<digest> digest_of(std::string_view text) noexcept;

  std::optional<digest> expected_;  // nullopt: no key is accepted
};

}  // namespace app
