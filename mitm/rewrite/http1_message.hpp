#pragma once

// Writes HTTP/1.1 messages (RFC 9112 §2, §6): requests that rules have changed, and local answers. Pure; the HTTP/1.1
// rewriter uses it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"

namespace mitm {

/// Parses a complete request whose first `head_size` bytes are its head. nullopt: a chunked body with trailers, which a
/// changed body could not keep.
std::optional<held_request> read_held(std::string_view bytes, std::size_t head_size);

/// Keeps all fields but those that frame the body: a chunked body stays chunked, otherwise Content-Length is corrected
/// in place. Removes `Expect`, which has been answered.
std::string write_request(const held_request& request);

/// A complete answer, or only its head. An event stream is chunked; everything else has a Content-Length.
std::string write_answer(const local_answer& answer, bool with_body);

void append_chunk(std::string& out, std::string_view body);

bool expects_continue(const net::wire::header_fields& fields);

}  // namespace mitm
