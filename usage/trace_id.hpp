#pragma once

#include <string>
#include <string_view>

namespace usage {

/// A trace id in a common form: the language server writes 0x1F… where the header has 1f…; neither pads with zeros.
/// Empty if it is all zeros.
std::string plain_trace(std::string_view trace);

}  // namespace usage
