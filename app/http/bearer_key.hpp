#pragma once

// The API key of the service. Keys are compared by digests of a fixed size and in constant time, so that neither its
// length nor a common prefix can be measured.

#include <array>
#include <optional>
#include <string_view>

namespace app {

class bearer_key {
 public:
  /// Empty: there is none, and none is accepted.
  explicit bearer_key(std::string_view key);

  /// `authorization` is the field's value: `Bearer <key>`, the scheme in any case.
  bool accepts(std::string_view authorization) const noexcept;

 private:
  using digest = std::array<unsigned char, 32>;
  /// Nothing if the library has no SHA-256 (no provider is loaded).
  static std::optional<digest> digest_of(std::string_view text) noexcept;

  std::optional<digest> expected_;  // nullopt: none is accepted
};

}  // namespace app
