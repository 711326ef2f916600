#pragma once

#include <string>
#include <string_view>

namespace usage {

/// A trace as both ends write it alike: the language server says 0x1F… where the header says 1f…, and neither pads with
/// zeros. Empty if it is nothing but zeros.
std::string plain_trace(std::string_view trace);

}  // namespace usage
