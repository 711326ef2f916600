#pragma once

// Percent-encoding (RFC 3986 §2.1) and application/x-www-form-urlencoded.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/text/ascii.hpp"

namespace net::text {

/// RFC 3986 §2.3: means the same with and without its encoding.
constexpr bool is_unreserved(char c) noexcept {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// Encodes all but unreserved characters and those in `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

/// The byte that the escape at `text[at]` stands for; nullopt if there is no valid escape.
std::optional<char> escaped_byte(std::string_view text, std::size_t at) noexcept;

/// What is not a valid escape stands for itself.
std::string percent_decoded(std::string_view text);

struct form_field {
  std::string name;
  std::string value;
};

/// Takes the first field off `form`, which is not empty, and decodes it. As in percent_decoded(), a stray % stays.
form_field take_form_field(std::string_view& form);

}  // namespace net::text
