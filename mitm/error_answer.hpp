#pragma once

// What a client reads when its origin cannot be reached or trusted: an HTTP answer over the intercepted connection, in a
// JSON shape that the providers' own clients print.

#include <string>
#include <string_view>

#include "net/failure.hpp"

namespace mitm {

/// The word for the ledger and for `type`: upstream_timeout, upstream_untrusted, upstream_refused or upstream_unreachable.
std::string_view cause_of(const net::failure& failure);

/// A whole HTTP/1.1 response, 502 or for a timeout 504, that ends the connection. `body` is left out for HEAD.
std::string error_answer(const net::failure& failure, std::string_view host, bool with_body);

}  // namespace mitm
