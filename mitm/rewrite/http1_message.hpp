#pragma once

// HTTP/1.1 messages as they are written anew: requests that rules have changed, and answers of our own (RFC 9112 §2,
// §6). Pure; the HTTP/1.1 rewriter drives it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"

namespace mitm {

/// A whole request from its bytes, of which the first `head_size` are its head. Nothing: a chunked body with trailers,
/// which a body of another length could not keep.
std::optional<held_request> read_held(std::string_view bytes, std::size_t head_size);

/// Its fields as they are, but for those that frame the body: a chunked one stays chunked, else Content-Length is made
/// right, where it stood. `Expect` goes: it has been answered.
std::string write_request(const held_request& request);

/// A whole answer; its head alone for a HEAD request. An event stream is chunked, everything else has a Content-Length.
std::string write_answer(const local_answer& answer, bool with_body);

void append_chunk(std::string& out, std::string_view body);

bool expects_continue(const net::wire::header_fields& fields);

}  // namespace mitm
