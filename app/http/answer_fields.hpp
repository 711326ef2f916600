#pragma once

// The header fields of an API answer that do not depend on the version of HTTP: those that SDKs read, that forbid
// caching and buffering, that keep browsers from rendering it, and that let allowed web pages read it.

#include <string>
#include <utility>
#include <vector>

#include "app/http/exchange.hpp"

namespace app {

using field_list = std::vector<std::pair<std::string, std::string>>;

/// Each name once: the answer's own headers win.
field_list answer_fields(const api_response& answer, const api_exchange& exchange);

}  // namespace app
