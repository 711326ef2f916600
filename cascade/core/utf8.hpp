#pragma once

// UTF-8 (RFC 3629) at the edges where text is cut or comes from bytes.

#include <cstddef>
#include <string_view>

namespace cascade {

/// Bytes of `text` without the code point that its end cuts, if any. Looks at no more than the last three bytes.
std::size_t whole_code_points(std::string_view text);

bool valid_utf8(std::string_view text);

}  // namespace cascade
