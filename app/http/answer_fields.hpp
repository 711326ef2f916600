#pragma once

// The header fields of an API answer that do not depend on the version of HTTP: what SDKs read, what keeps caches and
// proxies from holding it, what keeps browsers from showing it, what lets a web page see it.

#include <string>
#include <utility>
#include <vector>

#include "app/http/exchange.hpp"

namespace app {

using field_list = std::vector<std::pair<std::string, std::string>>;

/// Each name once: the answer's own headers win.
field_list answer_fields(const api_response& answer, const api_exchange& exchange);

}  // namespace app
