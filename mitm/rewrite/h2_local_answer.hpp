#pragma once

// A local answer in HTTP/2 (RFC 9113 §8.1): all the bytes that a server would send on a connection with no other
// answers. Pure.

#include <cstdint>
#include <span>
#include <string>

#include "mitm/policy/request_rewriter.hpp"

namespace mitm {

/// The server's preface, an answer on each stream, and GOAWAY. `streams` is not empty and in ascending order.
std::string last_h2_answers(const local_answer& answer, std::span<const std::uint32_t> streams, bool with_body);

}  // namespace mitm
