#pragma once

// Ends the turn of a response in progress, for POST /v1/responses/{id}/cancel and for a WebSocket's response.cancel.

#include <optional>
#include <string>

#include "app/openai_api/openai_context.hpp"

namespace app {

/// Of a stored response. Whoever follows the turn sees it end. Returns why it cannot be done.
asio::awaitable<std::optional<turn_refusal>> cancel_response(openai_context& context, std::string id);

/// Of a response whose cascade is known; it need not be stored.
asio::awaitable<std::optional<turn_refusal>> cancel_turn(openai_context& context, std::string id,
                                                         std::string cascade_id);

}  // namespace app
