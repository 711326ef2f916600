#pragma once

// The local answer to a client whose origin cannot be reached or trusted, in a JSON format that the providers' clients
// print.

#include <string>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"
#include "net/failure.hpp"

namespace mitm {

/// The word for the ledger and for `type` in the answer: upstream_timeout, upstream_untrusted, upstream_refused or
/// upstream_unreachable.
std::string_view cause_of(const net::failure& failure);

/// 504 for a timeout, else 502. The field X-Zerogravity-Error and the JSON body name the cause.
local_answer answer_to(const net::failure& failure, std::string_view host);

/// A complete HTTP/1.1 response that ends the connection. Without a body for HEAD.
std::string last_answer(const local_answer& answer, bool with_body);

}  // namespace mitm
