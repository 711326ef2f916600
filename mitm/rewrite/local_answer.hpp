#pragma once

// What a client reads when its origin cannot be reached or trusted: an HTTP answer over the intercepted connection, in
// a JSON shape that the providers' own clients print.

#include <string>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"
#include "net/failure.hpp"

namespace mitm {

/// The word for the ledger and for `type`: upstream_timeout, upstream_untrusted, upstream_refused or
/// upstream_unreachable.
std::string_view cause_of(const net::failure& failure);

/// 504 for a timeout, else 502. The cause stands in the field X-Zerogravity-Error and in the body, which is JSON.
local_answer answer_to(const net::failure& failure, std::string_view host);

/// A whole HTTP/1.1 response that ends the connection. The body is left out for HEAD.
std::string last_answer(const local_answer& answer, bool with_body);

}  // namespace mitm
