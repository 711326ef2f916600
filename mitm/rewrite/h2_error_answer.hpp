#pragma once

// The answer of error_answer.hpp in HTTP/2 (RFC 9113 §8.1): everything that a server would have sent on a connection on
// which it says nothing else. Pure.

#include <cstdint>
#include <span>
#include <string>

#include "mitm/rewrite/error_answer.hpp"

namespace mitm {

/// The server's preface, an answer to each stream, and GOAWAY. `streams` is not empty, in ascending order.
std::string h2_error_answer(const error_message& message, std::span<const std::uint32_t> streams, bool with_body);

}  // namespace mitm
