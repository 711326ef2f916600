#pragma once

// Which header fields rules may change, and to what (RFC 9110 §5).

#include <string_view>

namespace app::rewrite {

bool is_field_name(std::string_view name) noexcept;

/// No control characters, no white space around it.
bool is_field_value(std::string_view value) noexcept;

/// The field frames the message, or is hop-by-hop: rules may not change it. `name` is in lower case.
bool is_framing_field(std::string_view name) noexcept;

}  // namespace app::rewrite
