#pragma once

// The body of a held request as JSON, and what was made of it back under its codings.

#include <cstddef>
#include <string>

#include "app/rewrite/errc.hpp"
#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

/// `limit`: bytes that the body may decode to. Errors: not_json, and those of usage/content_decoder.
result<std::string> decoded_body(const mitm::held_request& request, std::size_t limit);

/// Under the codings that the request names. Errors: unsupported.
result<std::string> encoded_body(const mitm::held_request& request, std::string json);

}  // namespace app::rewrite
