#pragma once

// The inverse of usage/content/content_decoder for a whole body: a changed body is sent with the codings that it came
// with.

#include <string>
#include <string_view>

#include "usage/content/errc.hpp"

namespace app::rewrite {

/// `codings` is the value of Content-Encoding, in the order they are applied. Errors: unsupported.
usage::result<std::string> encode_content(std::string_view codings, std::string text);

}  // namespace app::rewrite
