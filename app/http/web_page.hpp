#pragma once

// Requests that a web page makes a browser send (the Fetch standard): which pages may ask, and what a browser wants to
// know before it lets them. Pure; admission and the exchange drive it.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/http/admission.hpp"

namespace app {

/// The Origin of a web page that may ask; empty for any other.
std::string_view allowed_origin(const api_head& head, std::span<const std::string> allowed);

/// The answer to a page that may not: of a foreign Origin, or by Sec-Fetch-Site of another site. A page of the very
/// address that the request came to may read, and so may what is typed into the address bar. `host` is the one that the
/// request names.
std::optional<api_response> refuse_foreign_page(const api_head& head, std::string_view host,
                                                std::span<const std::string> allowed);

/// A browser says that a page made it ask.
bool is_from_page(const api_head& head);

/// What a browser asks before it lets a page of an allowed origin ask.
bool is_preflight(const api_head& head, std::string_view allowed_origin);
api_response preflight_answer(const api_head& head);

}  // namespace app
