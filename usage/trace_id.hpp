#pragma once

#include <string>
#include <string_view>

#include "net/wire/message_head.hpp"

namespace usage {

/// The id under which the provider keeps an answer for its support, as a header names it; empty if none does. Views the
/// fields.
std::string_view trace_of(const net::wire::header_fields& fields);

/// A trace id in a common form: the language server writes 0x1F… where the header has 1f…; neither pads with zeros.
/// Empty if it is all zeros.
std::string plain_trace(std::string_view trace);

}  // namespace usage
