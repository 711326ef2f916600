#pragma once

// Requests from web pages (the Fetch standard): which pages are allowed, and the answers to browsers' preflights. Pure;
// admission and the exchange use it.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/http/admission.hpp"

namespace app {

/// The Origin of an allowed web page; empty for any other.
std::string_view allowed_origin(const api_head& head, std::span<const std::string> allowed);

/// The answer that refuses a page of a foreign Origin, or of another site according to Sec-Fetch-Site. Pages of the
/// address that the request came to may read, and so may requests from the address bar. `host` is the request's Host.
std::optional<api_response> refuse_foreign_page(const api_head& head, std::string_view host,
                                                std::span<const std::string> allowed);

/// The browser says that a page caused the request.
bool is_from_page(const api_head& head);

/// Answers the preflight of a page of an allowed origin.
bool is_preflight(const api_head& head, std::string_view allowed_origin);
api_response preflight_answer(const api_head& head);

}  // namespace app
