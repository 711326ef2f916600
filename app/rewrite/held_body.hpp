#pragma once

// Decodes the body of a held request to JSON, and encodes the result again.

#include <cstddef>
#include <string>

#include "app/rewrite/errc.hpp"
#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

/// `limit`: bytes that the body may decode to. Errors: not_json, and those of usage/content/content_decoder.
result<std::string> decoded_body(const mitm::held_request& request, std::size_t limit);

/// With the codings that the request names. Errors: unsupported.
result<std::string> encoded_body(const mitm::held_request& request, std::string json);

}  // namespace app::rewrite
