#pragma once

// An answer of our own in HTTP/2 (RFC 9113 §8.1): everything that a server would have sent on a connection on which it
// says nothing else. Pure.

#include <cstdint>
#include <span>
#include <string>

#include "mitm/policy/request_rewriter.hpp"

namespace mitm {

/// The server's preface, an answer to each stream, and GOAWAY. `streams` is not empty, in ascending order.
std::string last_h2_answers(const local_answer& answer, std::span<const std::uint32_t> streams, bool with_body);

}  // namespace mitm
