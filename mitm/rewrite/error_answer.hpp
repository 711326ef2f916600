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

struct error_message {
  unsigned status;        // 502, or for a timeout 504
  std::string_view type;  // as cause_of() says it
  std::string body;       // JSON
};

error_message describe(const net::failure& failure, std::string_view host);

/// The same as an answer whose framing is still to be added.
local_answer as_local_answer(const error_message& message);

/// A whole HTTP/1.1 response that ends the connection. The body is left out for HEAD.
std::string error_answer(const error_message& message, bool with_body);

}  // namespace mitm
