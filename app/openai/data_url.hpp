#pragma once

// Images that come inside a request: data URLs (RFC 2397) with base64 (RFC 4648 §4). Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace app::openai {

struct data_url {
  std::string mime;  // in lower case, without parameters
  std::string bytes;
};

/// nullopt if it is not a data URL with base64, or has more than `limit` bytes.
std::optional<data_url> decode_data_url(std::string_view url, std::size_t limit);

}  // namespace app::openai
